import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from './collect.ts';
import { DATA, LOADED_BY_NAME, PROGRAMS } from './system-parts.ts';

/**
 * Run in the cross stage of Dockerfile.arm64: `collect-system.ts POOL CONTROL BASE OUT`. POOL has a folder for each
 * package, CONTROL what dpkg says of each; the latter goes to var/lib/dpkg/status.d, where scanners look for what is
 * in an image without a package manager.
 */
const [poolDir = '', controlDir = '', baseDir = '', outDir = ''] = process.argv.slice(2);
const libraryDirs = ['usr/lib/aarch64-linux-gnu', 'usr/lib'];
const { files, packages } = collect([...PROGRAMS, ...LOADED_BY_NAME, ...DATA], {
  ...{ poolDir, baseDir, outDir, libraryDirs },
});
mkdirSync(join(outDir, 'var/lib/dpkg/status.d'), { recursive: true });
for (const name of packages) cpSync(join(controlDir, name), join(outDir, 'var/lib/dpkg/status.d', name));
process.stdout.write(`${files.length} files of ${packages.length} packages\n`);
