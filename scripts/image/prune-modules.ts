import { readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What runs only on other machines: from node_modules, with what is kept beside it. */
const OTHER_MACHINES: readonly { readonly folder: string; readonly keep: string }[] = [
  { folder: 'onnxruntime-node/bin/napi-v6', keep: 'linux' },
  { folder: 'onnxruntime-node/bin/napi-v6/linux', keep: 'arm64' },
  { folder: 'better-sqlite3/prebuilds', keep: 'linux-arm64.node' },
  { folder: '@serialport/bindings-cpp/prebuilds', keep: 'linux-arm64' },
];

/** What compiled what is there, or would. */
const SOURCES = [
  'better-sqlite3/deps',
  'better-sqlite3/src',
  'gstreamer-superficial/examples',
  'nan',
  'node-addon-api',
  'zod/src',
];

/** No program reads types, maps, sources in TypeScript (Node strips no types there) and pages about the package. */
const UNREAD =
  /\.(d\.[cm]?ts|[cm]?ts|map|md|markdown|musl\.node|armv\d\.node)$|\/@types\/|\/\.package-lock\.json$/i;
const LICENCE = /licen[cs]e|notice|copying/i;

/** Whether a file of node_modules is of no use on an arm64 device with glibc; its path is from node_modules. */
export function isUnused(path: string): boolean {
  const other = OTHER_MACHINES.some(
    ({ folder, keep }) =>
      path.startsWith(`${folder}/`) && path !== `${folder}/${keep}` && !path.startsWith(`${folder}/${keep}/`),
  );
  if (other || SOURCES.some((folder) => path.startsWith(`${folder}/`))) return true;
  return UNREAD.test(`/${path}`) && !LICENCE.test(path.slice(path.lastIndexOf('/') + 1));
}

/** `prune-modules.ts FOLDER`: takes out of node_modules what a device never reads. Licences stay. */
function main([folder = '']: readonly string[]): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && isUnused(relative(folder, path))) rmSync(path);
  }
}

if (import.meta.main) main(process.argv.slice(2));
