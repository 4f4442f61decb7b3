import { registerHooks } from 'node:module';

/**
 * Loaded ahead of the agent (scripts/site/agent-flags), for which alone it has an effect at import. zod brings its
 * messages in fifty languages; a device says what is wrong in its log alone, in English, and has little memory.
 */
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const isList = resolved.url.endsWith('/zod/v4/locales/index.js');
    return isList ? { ...resolved, url: resolved.url.replace(/index\.js$/, 'en.js') } : resolved;
  },
});
