import { chmodSync, existsSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Linux takes 107 bytes (unix(7)); some are left for the suffixes of tools. */
const MAX_PATH_BYTES = 100;
const FOLDER_PREFIX = 'watchpost-';

const own = (dir: string): string => join(dir, 'sim.sock');
const record = (dir: string): string => join(dir, 'sim.sock.path');

/** Where a client finds the control socket of the device in `dir`. */
export function socketPathOf(dir: string): string {
  return recordedPath(dir) ?? own(dir);
}

/**
 * Where the control socket of `dir` is to be opened: in the folder itself, or, when that path is longer than a socket
 * allows, in a new folder of the owner alone, written down in `sim.sock.path`.
 */
export function claimSocketPath(dir: string): string {
  const path = own(dir);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  const folder = mkdtempSync(join(runtimeDir(), FOLDER_PREFIX));
  chmodSync(folder, 0o700);
  const short = join(folder, 'sim.sock');
  writeFileSync(record(dir), `${short}\n`, { mode: 0o600 });
  return short;
}

/** Forgets a socket and, where it lay elsewhere, its folder and the note of it. */
export function releaseSocketPath(dir: string, path: string): void {
  if (path === own(dir)) {
    rmSync(path, { force: true });
    return;
  }
  rmSync(record(dir), { force: true });
  // Only what this made is removed, whatever the note says.
  if (basename(path) !== 'sim.sock' || !basename(dirname(path)).startsWith(FOLDER_PREFIX)) return;
  rmSync(path, { force: true });
  if (existsSync(dirname(path))) rmdirSync(dirname(path));
}

function recordedPath(dir: string): string | null {
  try {
    const path = readFileSync(record(dir), 'utf8').trim();
    return path === '' ? null : path;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}

function runtimeDir(): string {
  const dir = process.env.XDG_RUNTIME_DIR;
  return dir !== undefined && dir !== '' && Buffer.byteLength(dir) < MAX_PATH_BYTES - 32 ? dir : tmpdir();
}
