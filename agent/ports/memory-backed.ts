import { lstatSync, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** `f_type` of file systems that live in memory: tmpfs and ramfs (linux/magic.h). */
const IN_MEMORY: readonly number[] = [0x01021994, 0x858458f6];
const OWNER_ONLY = 0o700;

/** Whether what is written at `path` stays in memory. False where that cannot be told. */
export function isMemoryBacked(path: string): boolean {
  try {
    return IN_MEMORY.includes(statfsSync(path).type);
  } catch {
    return false; // Not there, or not to be looked at: not a place to write to either.
  }
}

/** Where memory-backed storage may be, best first: the session's own, the system's, everybody's. */
export function memoryBackedPlaces(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  const { XDG_RUNTIME_DIR: own } = env;
  return [...(own?.startsWith('/') ? [own] : []), '/run', '/dev/shm'];
}

/**
 * A folder `name` for this user alone on memory-backed storage, made where it is not there; null where no such
 * place can be had. One that is somebody else's, or a link, is never used.
 */
export function memoryBackedFolder(name: string, places: readonly string[]): string | null {
  for (const place of places) {
    const folder = join(place, name);
    if (isMemoryBacked(place) && isMadeOurs(folder) && isMemoryBacked(folder)) return folder;
  }
  return null;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function isMadeOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
    const { uid, mode } = lstatSync(folder);
    const isFolder = lstatSync(folder).isDirectory();
    return isFolder && uid === process.getuid?.() && (mode & 0o077) === 0;
  } catch {
    return false; // No right to write there: the next place may do.
  }
}
