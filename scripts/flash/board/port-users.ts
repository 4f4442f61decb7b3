import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

const PROC = '/proc';

/** Programs that have a serial line open, as "node (4711)": two that read one line get half of it each. Those of others only root sees. */
export function usersOf(port: string): readonly string[] {
  const real = realpathSync(port);
  return readdirSync(PROC)
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && hasOpen(name, real))
    .map((pid) => `${nameOf(pid)} (${pid})`);
}

function hasOpen(pid: string, path: string): boolean {
  return quietly([], () => readdirSync(join(PROC, pid, 'fd'))).some(
    (fd) => quietly('', () => readlinkSync(join(PROC, pid, 'fd', fd))) === path,
  );
}

const nameOf = (pid: string): string =>
  quietly('?', () => readFileSync(join(PROC, pid, 'comm'), 'utf8').trim());

/** A process may end while we look, and another user's is not ours to see. */
function quietly<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return otherwise;
    throw error;
  }
}
