import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, constants, fchmodSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';

/** Anybody may read who has it; of another user's it can be read alone, and still be locked. */
const LOCK_MODE = 0o666;
/** In a folder of everybody: a link that somebody has left there is not followed. */
const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
const LOCK_FLAGS = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW;
/** flock(1): by default, where it is held. */
const HELD = 1;

/**
 * One flash of a target at a time on this machine. flock(2) on a file of its own, through flock(1), which locks the
 * descriptor that it is given: the kernel lets go when this process ends, however it ends. Not on the target itself:
 * mtools locks that.
 */
export class TargetLock {
  #file: number | null;

  private constructor(file: number) {
    this.#file = file;
  }

  /**
   * @param target - one name for one target: the real path, the device
   * @throws WatchpostError WP4308 with who has it since when, WP4314
   */
  static take(target: string, folder = tmpdir()): TargetLock {
    const path = lockFileOf(target, folder);
    const { file, isOurs } = opened(path);
    try {
      const { status, error } = spawnSync('flock', ['--nonblock', '3'], {
        stdio: ['ignore', 'ignore', 'ignore', file],
      });
      if (error !== undefined) throw new WatchpostError('WP4314', { detail: 'util-linux', cause: error });
      if (status === HELD) throw new WatchpostError('WP4308', { detail: heldBy(path) });
      if (isOurs) note(file);
      return new TargetLock(file);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  release(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

const lockFileOf = (target: string, folder: string): string => {
  const name = createHash('sha256').update(target).digest('hex').slice(0, 16);
  return join(folder, `watchpost-flash-${name}.lock`);
};

function opened(path: string): { readonly file: number; readonly isOurs: boolean } {
  try {
    const file = openSync(path, LOCK_FLAGS, LOCK_MODE);
    return { file, isOurs: true };
  } catch (error) {
    // Another user's: Linux keeps even root from making it anew in a folder of everybody (fs.protected_regular).
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
      return { file: openSync(path, 'r'), isOurs: false };
    }
    throw error;
  }
}

function note(file: number): void {
  ftruncateSync(file, 0);
  const since = new Date().toISOString().slice(0, 19).replace('T', ' ');
  writeSync(file, `${userInfo().username} on ${hostname()}, process ${process.pid}, since ${since} UTC`);
  try {
    fchmodSync(file, LOCK_MODE);
  } catch (error) {
    // Another user's file that we may write: it has its rights already.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
  }
}

function heldBy(path: string): string {
  const text = readFileSync(path, 'utf8').trim();
  return text === '' ? 'another user' : text;
}
