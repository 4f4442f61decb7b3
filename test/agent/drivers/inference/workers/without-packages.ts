import { registerHooks } from 'node:module';

/** The real worker on a machine without the optional packages. */
registerHooks({
  resolve(specifier, context, next) {
    if (!/^(onnxruntime-node|@tensorflow\/)/.test(specifier)) return next(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  },
});
await import('#agent/drivers/inference/worker.ts');
