import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync, statSync } from 'node:fs';
import { WatchpostError } from '#contract/errors.ts';

/**
 * When syncs take longer than this, by their running mean, they go through another thread for a while. Handing one over and being
 * woken costs 0.27 ms (measured, two shared cores: 0.18 ms in place, 0.45 ms through libuv's pool, 0.48 ms through a
 * worker of its own), more than a good disk needs for the sync itself; a slow one must not hold up the event loop.
 */
const SLOW_MS = 2;
/** Share of the newest in the mean: one outlier of 16 ms, or a few of 4 ms in a row, and the disk is slow. */
const NEWEST = 1 / 8;
/** A disk that was slow is slow again soon: in place it would hold up everybody once more. */
const AT_LEAST_MS = 10_000;

/** What makes a write-ahead log durable; tests bring one that fails or hangs. */
export interface DurableFile {
  /** Whether the next sync should go through another thread. */
  readonly isSlow: boolean;
  /** Returns when what was written is on the disk. Throws what the kernel answers. */
  now(): void;
  /** The same in libuv's pool. `done` is called once, with what the kernel answered if it failed. */
  inThread(done: (error: unknown) => void): void;
  /** One that is under way still ends, and calls back. Idempotent. */
  close(): void;
}

/**
 * Syncs the write-ahead log through file handles of its own: fdatasync concerns the file, whoever wrote it, and the
 * kernel reports a failed write-back once to each handle that was open. So the thread has others than the event loop:
 * of two syncs at a time through one handle only one would hear of it, and the other confirm what is lost. (The log alone may be opened and closed like this:
 * closing a handle on the database or its -shm would drop SQLite's POSIX locks,
 * https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_.)
 */
export class WalSync implements DurableFile {
  readonly #file: string;
  readonly #inode: number;
  readonly #fd: number;
  /** For the thread, and not in use now: one sync that is waited for and one that is not may be under way there. */
  readonly #idle: number[];
  readonly #nowMs: () => number;
  #meanMs = 0;
  #slowUntilMs = 0;
  #isClosed = false;

  /** `file` must be there: SQLite makes it at the first access. Throws what the file system throws. */
  constructor(file: string, nowMs: () => number) {
    this.#file = file;
    this.#fd = openSync(file, 'r+');
    this.#inode = fstatSync(this.#fd).ino;
    this.#idle = [openSync(file, 'r+'), openSync(file, 'r+')];
    this.#nowMs = nowMs;
  }

  get isSlow(): boolean {
    return this.#nowMs() < this.#slowUntilMs;
  }

  now(): void {
    const startedMs = this.#nowMs();
    fdatasyncSync(this.#fd);
    const gone = this.#gone();
    if (gone !== null) throw gone;
    this.#note(this.#nowMs() - startedMs);
  }

  inThread(done: (error: unknown) => void): void {
    const startedMs = this.#nowMs();
    const fd = this.#idle.pop() ?? openSync(this.#file, 'r+');
    fdatasync(fd, (error) => {
      const gone = this.#gone();
      if (this.#isClosed) closeSync(fd);
      else this.#idle.push(fd);
      if (error === null) this.#note(this.#nowMs() - startedMs);
      done(error ?? gone);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const fd of [this.#fd, ...this.#idle]) closeSync(fd);
  }

  /** Where somebody has removed or replaced the file, what is written to it is gone when this process is. */
  #gone(): WatchpostError | null {
    const there = statSync(this.#file, { throwIfNoEntry: false });
    if (this.#isClosed || there?.ino === this.#inode) return null;
    const what = there === undefined ? 'removed' : 'replaced';
    return new WatchpostError('WP3011', { detail: `the write-ahead log was ${what} while it was in use` });
  }

  #note(durationMs: number): void {
    this.#meanMs += (durationMs - this.#meanMs) * NEWEST;
    if (this.#meanMs > SLOW_MS) this.#slowUntilMs = this.#nowMs() + AT_LEAST_MS;
  }
}
