import type { Failpoint } from '#agent/ports/failpoint.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { isFull, type Sql } from './database-file.ts';

/** SQL alone: it may run a second time when the first was rolled back. */
export type Job = () => void;

const COMMIT_WITHIN_MS = 4;
const RETRY_AFTER_MS = 1_000;
const MAX_TRIES = 64;

export interface GroupCommitOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
  /** Frees room after a full disk; false when there is nothing left to free. */
  readonly makeRoom: () => boolean;
  readonly onCommitted: () => void;
  /** None of it is in the database; it may be tried again. */
  readonly onRolledBack: () => void;
  readonly onFailed: (error: unknown) => void;
}

/** Gathers writes for some milliseconds and commits them together, in order. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #run: (jobs: readonly Job[]) => void;
  #jobs: Job[] = [];
  #timer: Cancel | null = null;
  #synced = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#run = options.sql.transaction((jobs: readonly Job[]) => {
      for (const job of jobs) job();
      options.failpoint('journal.event.before-commit');
    });
  }

  /** Whether this job waits, and none behind it: what belongs to it may still be added to it. */
  isLast(job: Job): boolean {
    return this.#jobs.at(-1) === job;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    this.#timer ??= this.#options.clock.after(COMMIT_WITHIN_MS, () => this.flush());
  }

  /** The next commit is synced to disk, whatever the database's setting. */
  syncNext(): void {
    this.#synced = true;
  }

  /** Commits what waits now. False when it could not be written; it then waits for another try. */
  flush(): boolean {
    this.#timer?.();
    this.#timer = null;
    if (this.#jobs.length === 0) return true;
    const error = this.#attempt();
    if (error === null) return true;
    this.#timer = this.#options.clock.after(RETRY_AFTER_MS, () => this.flush());
    this.#options.onFailed(error);
    return false;
  }

  /** Ends the timer; what could not be written is given up. */
  close(): void {
    this.flush();
    this.#timer?.();
    this.#timer = null;
  }

  #attempt(): unknown {
    for (let tries = 1; ; tries += 1) {
      try {
        this.#commit();
        return null;
      } catch (error) {
        this.#options.onRolledBack();
        if (!isFull(error) || tries === MAX_TRIES || !this.#options.makeRoom()) return error;
      }
    }
  }

  #commit(): void {
    const jobs = this.#jobs;
    const isSynced = this.#synced;
    if (isSynced) this.#options.sql.pragma('synchronous = FULL');
    try {
      this.#run(jobs);
    } finally {
      if (isSynced) this.#options.sql.pragma('synchronous = NORMAL');
    }
    this.#jobs = [];
    this.#synced = false;
    this.#options.failpoint('journal.event.after-commit');
    this.#options.onCommitted();
  }
}
