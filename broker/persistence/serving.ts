import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const SERVING_FILE = 'serving.json';

/** Where a running broker answers. */
const Serving = z.object({ pid: z.int(), http: z.string() });
export type Serving = z.infer<typeof Serving>;

/** Tells commands on this machine where the broker of this folder answers. */
export function writeServing(dataDir: string, http: string): void {
  const file = join(dataDir, SERVING_FILE);
  writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, http }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeServing(dataDir: string): void {
  rmSync(join(dataDir, SERVING_FILE), { force: true });
}

/** Null when there is none, or none that can be read; a broker that was killed leaves its own behind. */
export function readServing(dataDir: string): Serving | null {
  try {
    return Serving.parse(JSON.parse(readFileSync(join(dataDir, SERVING_FILE), 'utf8')));
  } catch {
    return null; // Written whole or not at all: there is none.
  }
}
