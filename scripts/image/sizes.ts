import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Part {
  readonly name: string;
  readonly bytes: number;
}

/** What is big in a device's root, from the outside in: the first that fits a file has it. */
const PARTS: readonly (readonly [name: string, path: string])[] = [
  ['Node', 'usr/local/bin/node'],
  ['models (onnxruntime-node)', 'opt/watchpost/node_modules/onnxruntime-node'],
  ['npm packages', 'opt/watchpost/node_modules'],
  ['compile cache', 'opt/watchpost/.cache/compile'],
  ['Watchpost', 'opt/watchpost'],
  ['GStreamer plugins', 'usr/lib/aarch64-linux-gnu/gstreamer-1.0'],
  ['libraries', 'usr/lib/aarch64-linux-gnu'],
  ['rest of Debian', ''],
];

/** Uncompressed sizes by part, largest first; a file with several names counts once. Bytes of content, not of blocks. */
export function partsOf(root: string): Part[] {
  const sums = new Map<string, number>();
  const seen = new Set<string>();
  for (const [path, bytes, inode] of filesIn(root, '')) {
    if (seen.has(inode)) continue;
    seen.add(inode);
    const [name = ''] =
      PARTS.find(([, start]) => start === '' || path === start || path.startsWith(`${start}/`)) ?? [];
    sums.set(name, (sums.get(name) ?? 0) + bytes);
  }
  return [...sums].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

function* filesIn(root: string, folder: string): Generator<[path: string, bytes: number, inode: string]> {
  for (const name of readdirSync(join(root, folder))) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const stat = lstatSync(join(root, path));
    if (stat.isDirectory()) yield* filesIn(root, path);
    else yield [path, stat.size, `${stat.dev}:${stat.ino}`];
  }
}

export const inMb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** `sizes.ts ROOT`: a line a part. */
function main([root = '']: readonly string[]): void {
  const parts = partsOf(root);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { name, bytes } of [...parts, { name: 'together', bytes: total }])
    process.stdout.write(`${inMb(bytes).padStart(9)}  ${name}\n`);
}

if (import.meta.main) main(process.argv.slice(2));
