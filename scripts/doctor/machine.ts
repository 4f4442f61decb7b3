import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Result as RunResult, runPlayer } from '#agent/drivers/audio/player-process.ts';
import { type Addon, loadAddon } from '#contract/native-addon.ts';

export interface Space {
  readonly freeBytes: number;
  readonly freeFiles: number;
  readonly files: number;
}

/** The machine that is examined; a test brings a tree of files in place of /sys, /proc, /dev and /run. */
export interface Machine {
  /** `/`, or the folder of such a tree. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  readonly nodeVersion: string;
  /** @throws WatchpostError WP2340 */
  readonly addon: () => Addon;
  readonly run: (command: readonly [string, ...string[]]) => Promise<RunResult>;
  readonly space: (path: string) => Promise<Space>;
  /** Whether an npm package can be imported. */
  readonly hasModule: (name: string) => boolean;
}

const PROGRAM_LIMIT_MS = 5_000;
const resolver = createRequire(import.meta.url);

export const thisMachine: Machine = {
  root: '/',
  env: process.env,
  nowMs: () => Date.now(),
  nodeVersion: process.versions.node,
  addon: () => loadAddon(),
  run: (command) =>
    runPlayer(command, {
      env: { ...process.env, LC_ALL: 'C' },
      signal: AbortSignal.timeout(PROGRAM_LIMIT_MS),
    }),
  space: async (path) => {
    const { bavail, bsize, ffree, files } = await statfs(path);
    return { freeBytes: bavail * bsize, freeFiles: ffree, files };
  },
  hasModule: (name) => {
    try {
      resolver.resolve(name);
      return true;
    } catch {
      return false; // Not installed; which is what was asked.
    }
  },
};

type Rooted = Pick<Machine, 'root'>;

/** The content of a file of the system, or null where it is not there or not to be read. */
export function readSystem({ root }: Rooted, path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8').trim();
  } catch {
    return null; // Kernels, boards and containers differ in which of these files they have.
  }
}

/** The names in a folder of the system; none where it is not there. */
export function listSystem({ root }: Rooted, path: string): string[] {
  try {
    return readdirSync(join(root, path)).sort();
  } catch {
    return []; // As above.
  }
}

/** Where a link of the system leads, or null. */
export function realSystem({ root }: Rooted, path: string): string | null {
  try {
    return realpathSync(join(root, path));
  } catch {
    return null; // As above.
  }
}
