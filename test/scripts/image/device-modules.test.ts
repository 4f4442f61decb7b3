import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { devicePackages, LEFT_OUT } from '#scripts/image/device-modules.ts';
import { fieldsOf } from '#scripts/image/json-fields.ts';
import { lockedModules } from '#scripts/image/locked-modules.ts';
import { programFiles, specifiersIn } from '#scripts/image/program-files.ts';
import { isUnused } from '#scripts/image/prune-modules.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

t.test('what a program imports is found in every way it may be written, types apart', async (t) => {
  const source = `
    import { a } from './a.ts';
    import type { B } from 'types-alone';
    import { type C, d } from "x";
    export * from 'exported';
    import 'bare';
    const late = await import('late');
    type T = typeof import('type-query');
    const native = createRequire(import.meta.url)('native');
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    const data = readFileSync(new URL('kernel.wasm', import.meta.url));
  `;
  t.strictSame(specifiersIn(source.replaceAll('"', "'")), [
    ...['./a.ts', 'x', 'exported', 'bare', 'late', 'native'],
    ...['./worker.ts', './kernel.wasm'],
  ]);
});

t.test('imports are followed through files, names of package.json and workers to packages', async (t) => {
  const dir = t.testdir({
    agent: {
      'main.ts': "import '#agent/inner/one.ts'; import 'node:fs'; import pino from 'pino';",
      inner: { 'one.ts': "import x from '@scope/name/deep/file'; new URL('../worker.ts', import.meta.url);" },
      'worker.ts': "import '#contract/c.ts';",
      'other.ts': "import 'never';",
    },
    contract: { 'c.ts': "import * as z from 'zod';" },
  });
  t.strictSame(
    programFiles(dir, ['agent/main.ts'], { '#agent/*': './agent/*', '#contract/*': './contract/*' }),
    {
      files: ['agent/inner/one.ts', 'agent/main.ts', 'agent/worker.ts', 'contract/c.ts'],
      packages: ['@scope/name', 'pino', 'zod'],
    },
  );
});

const entry = (version: string, dependencies: Record<string, string> = {}) => ({ version, dependencies });
const packageJson = {
  ...{
    name: 'w',
    version: '1.0.0',
    type: 'module',
    imports: { '#a/*': './a/*' },
    overrides: { b: '$b', z: '$z' },
  },
  dependencies: { a: '1.0.0', unused: '1.0.0' },
  optionalDependencies: { b: '2.0.0' },
};
const packageLock = {
  lockfileVersion: 3,
  packages: {
    '': { name: 'w' },
    'node_modules/a': { ...entry('1.0.0', { c: '1', d: '1' }), optionalDependencies: { absent: '1' } },
    'node_modules/a/node_modules/c': { ...entry('1.5.0', { d: '1', f: '1' }), dev: true },
    // A neighbour within a: neither inside c nor at the top.
    'node_modules/a/node_modules/f': entry('1.6.0'),
    'node_modules/b': { ...entry('2.0.0'), optional: true, hasInstallScript: true },
    'node_modules/c': entry('3.0.0'),
    'node_modules/d': { ...entry('4.0.0'), peerDependencies: { e: '1' } },
    'node_modules/e': { ...entry('5.0.0'), peer: true },
    'node_modules/f': entry('6.0.0'),
    'node_modules/unused': entry('1.0.0'),
  },
};

t.test('a part of the lock holds what is asked for and what that needs, as Node would find it', async (t) => {
  const { manifest, lock, folders } = lockedModules(packageJson, packageLock, ['a', 'b']);
  t.strictSame(
    folders,
    ['a', 'a/node_modules/c', 'a/node_modules/f', 'b', 'd', 'e'].map((name) => `node_modules/${name}`),
  );
  t.strictSame(manifest.dependencies, { a: '1.0.0', b: '2.0.0' });
  t.strictSame(manifest.overrides, { b: '$b' });
  const packages = fieldsOf(lock.packages);
  t.strictSame(packages['node_modules/e'], { version: '5.0.0', dependencies: {} });
  t.strictSame(packages['node_modules/b'], { version: '2.0.0', dependencies: {}, hasInstallScript: true });
  t.strictSame(packages[''], { name: 'w', version: '1.0.0', dependencies: { a: '1.0.0', b: '2.0.0' } });
  t.equal(lock.lockfileVersion, 3);
});

t.test('a module that is in no lock is told by name', async (t) => {
  t.throws(() => lockedModules(packageJson, packageLock, ['c']), { code: 'WP5066', detail: 'c' });
});

t.test('a device gets the modules that its programs import, and no tool', async (t) => {
  const names = devicePackages(ROOT);
  t.ok(names.includes('better-sqlite3') && names.includes('mqtt') && names.includes('zod'));
  for (const tool of ['commander', 'vega', 'fastify', 'typescript', 'i18next', 'yauzl'])
    t.notOk(names.includes(tool), `${tool} is for whoever prepares a device, or for the site`);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
  const { folders } = lockedModules(read('package.json'), read('package-lock.json'), names);
  t.ok(folders.length < 150, `${folders.length} packages`);
  const all = fieldsOf(fieldsOf(read('package.json')).optionalDependencies);
  for (const name of Object.keys(LEFT_OUT)) t.ok(name in all, `${name} can still be left out`);
});

t.test('of a module stays what an arm64 device runs, and its licence', async (t) => {
  const kept = [
    'better-sqlite3/prebuilds/linux-arm64.node',
    '@serialport/bindings-cpp/prebuilds/linux-arm64/@serialport+bindings-cpp.glibc.node',
    'onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1',
    'pino/LICENSE',
    'pino/NOTICE.md',
    'pino/lib/levels.js',
    'zod/v4/index.cjs',
    'gstreamer-superficial/build/Release/gstreamer-superficial.node',
  ];
  const gone = [
    'better-sqlite3/prebuilds/linuxmusl-arm64.node',
    'better-sqlite3/deps/sqlite3/sqlite3.c',
    'onnxruntime-node/bin/napi-v6/darwin/arm64/x.dylib',
    'onnxruntime-node/bin/napi-v6/linux/x64/x.so',
    '@serialport/bindings-cpp/prebuilds/linux-arm64/@serialport+bindings-cpp.musl.node',
    'pino/README.md',
    'zod/v4/index.d.cts',
    'zod/src/index.ts',
    'mqtt/build/index.js.map',
    '@types/node/index.js',
  ];
  for (const path of kept) t.notOk(isUnused(path), path);
  for (const path of gone) t.ok(isUnused(path), path);
});
