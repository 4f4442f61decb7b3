import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf, textsOf } from './json-fields.ts';
import { lockedModules } from './locked-modules.ts';
import { DEVICE_PROGRAMS, programFiles } from './program-files.ts';

/** What the agent can use but an image does not bring, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  '@tensorflow/tfjs-backend-wasm': 'models run by onnxruntime-node there; 90 MB less',
  '@tensorflow/tfjs-converter': 'see tfjs-backend-wasm',
  '@tensorflow/tfjs-core': 'see tfjs-backend-wasm',
  onoff: 'for kernels without GPIO character devices (before 4.8); sysfs is read-only in a container',
};

/** The npm packages that programs of a device import, less those that are left out. */
export function devicePackages(root: string): string[] {
  const { imports } = fieldsOf(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const { packages } = programFiles(root, DEVICE_PROGRAMS, textsOf(imports));
  return packages.filter((name) => LEFT_OUT[name] === undefined);
}

/**
 * `device-modules.ts ROOT OUT [NAME…]`: leaves package.json and package-lock.json of a device's modules in OUT, or of
 * the named ones and what they need.
 */
function main([root = '', out = '', ...named]: readonly string[]): void {
  const names = named.length > 0 ? named : devicePackages(root);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));
  const install = lockedModules(read('package.json'), read('package-lock.json'), names);
  mkdirSync(out, { recursive: true });
  const write = (name: string, value: object) =>
    writeFileSync(join(out, name), `${JSON.stringify(value, null, 2)}\n`);
  write('package.json', install.manifest);
  write('package-lock.json', install.lock);
  process.stdout.write(`${install.folders.length} packages\n`);
}

if (import.meta.main) main(process.argv.slice(2));
