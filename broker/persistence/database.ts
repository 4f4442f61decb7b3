import Sqlite, { type Database } from 'better-sqlite3';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { type Migration, migrate, shippedMigrations } from './migrate.ts';
import type { GroupCommit } from './ports.ts';
import { keepPrepared } from './prepared.ts';
import { explainSqlite } from './sqlite-error.ts';

export interface SiteDatabaseOptions {
  /** File, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** FULL (the default) syncs at every COMMIT; NORMAL may lose the last commits when power fails. */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** The shipped ones unless a test brings its own. */
  readonly migrations?: readonly Migration[];
  /** Told after every COMMIT that somebody waited for. */
  readonly onCommitted?: (commit: { readonly durationMs: number; readonly works: number }) => void;
}

/** How long a write that nobody waits for may stay uncommitted: draining a queue would else sync per message. */
const LAZY_COMMIT_MS = 5;
/** How long SQLite waits for a lock of another process (a copy being made) before it gives up. */
const LOCK_WAIT_MS = 250;

/**
 * The site's one SQLite connection (WAL) with group commit: the first write begins a transaction, and all writes
 * of the same turn of the event loop share its COMMIT in the next `setImmediate`, so that one fdatasync confirms
 * many messages. Waiters are released in the order they came. When COMMIT fails, or SQLite rolled the whole
 * transaction back by itself (a full disk), everybody in it is told, nobody is confirmed, and the next write
 * begins afresh: the site goes on as soon as there is room again.
 */
export class SiteDatabase implements GroupCommit {
  readonly #options: SiteDatabaseOptions;
  #sql: Database | null = null;
  #onCommitted: (() => void)[] = [];
  #onFailed: ((error: unknown) => void)[] = [];
  #cancelLazy: Cancel | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #nesting = 0;
  #isFailing = false;

  constructor(options: SiteDatabaseOptions) {
    this.#options = options;
  }

  get sql(): Database {
    if (this.#sql === null) throw new WatchpostError('WP3010');
    return this.#sql;
  }

  /** False from a COMMIT that failed (a full disk, a lock that stays) until one succeeds. */
  get isTaking(): boolean {
    return this.#sql !== null && !this.#isFailing;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Opens the file and brings it to this version. Throws WP3003, WP3005, WP3006 or WP3007. */
  start(): void {
    const { path, clock, log, synchronous = 'FULL', migrations = shippedMigrations() } = this.#options;
    try {
      const sql = new Sqlite(path, { timeout: LOCK_WAIT_MS });
      this.#sql = sql;
      sql.pragma('journal_mode = WAL');
      sql.pragma(`synchronous = ${synchronous}`);
      sql.pragma('foreign_keys = ON');
      sql.pragma('journal_size_limit = 16777216');
      // What a savepoint would undo is kept beside, per commit tens of kilobytes: not in a file.
      sql.pragma('temp_store = MEMORY');
      migrate(sql, migrations, { path, clock, log });
      keepPrepared(sql);
    } catch (error) {
      this.#sql?.close();
      this.#sql = null;
      throw explainSqlite(error);
    }
  }

  /** Commits what is open and closes the file. Idempotent. */
  close(): void {
    if (this.#sql === null) return;
    this.#flush();
    this.#sql.close();
    this.#sql = null;
  }

  commit<T>(work: (sql: Database) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      try {
        const answer = this.#run(work);
        this.#onCommitted.push(() => resolve(answer));
        this.#onFailed.push(reject);
      } catch (error) {
        reject(error);
      }
      if (this.#sql?.inTransaction) this.#immediate ??= setImmediate(() => this.#flush());
    });
  }

  /**
   * Runs `work` at once and lets the COMMIT wait up to 5 ms, for what may be done again after a crash (taking a
   * delivered message from a queue). Throws what `work` throws; a failed COMMIT is only logged.
   */
  commitLazily<T>(work: (sql: Database) => T): T {
    try {
      return this.#run(work);
    } finally {
      if (this.#immediate === null) {
        this.#cancelLazy ??= this.#options.clock.after(LAZY_COMMIT_MS, () => this.#flush());
      }
    }
  }

  afterCommit(effect: () => void): void {
    if (this.#nesting === 0)
      throw new WatchpostError('WP3008', { detail: 'afterCommit outside of a commit' });
    this.#onCommitted.push(effect);
  }

  #run<T>(work: (sql: Database) => T): T {
    const sql = this.sql;
    const effects = this.#onCommitted.length;
    try {
      if (!sql.inTransaction) sql.exec('BEGIN IMMEDIATE');
      sql.exec('SAVEPOINT work');
      this.#nesting += 1;
      const answer = work(sql);
      sql.exec('RELEASE work');
      return answer;
    } catch (error) {
      this.#onCommitted.length = Math.min(effects, this.#onCommitted.length);
      throw this.#undo(sql, explainSqlite(error));
    } finally {
      this.#nesting = Math.max(0, this.#nesting - 1);
    }
  }

  /** Takes back the savepoint alone, or, where SQLite has ended the whole transaction, tells all that were in it. */
  #undo(sql: Database, error: unknown): unknown {
    if (sql.inTransaction) {
      try {
        sql.exec('ROLLBACK TO work; RELEASE work');
        if (isOfTheDisk(error)) this.#noteFailure(error, 1);
        return error;
      } catch (cause) {
        this.#rollBack(explainSqlite(cause));
        return error;
      }
    }
    this.#rollBack(error);
    return error;
  }

  #flush(): void {
    const sql = this.#sql;
    this.#disarm();
    if (sql === null || !sql.inTransaction) return;
    const startedMs = this.#options.clock.monoMs();
    try {
      sql.exec('COMMIT');
    } catch (error) {
      this.#rollBack(explainSqlite(error));
      return;
    }
    const works = this.#onFailed.length;
    // Where every work was taken back there was nothing to write: no sign of room.
    if (works > 0) this.#noteSuccess();
    const released = this.#onCommitted;
    this.#forget();
    this.#options.onCommitted?.({ durationMs: this.#options.clock.monoMs() - startedMs, works });
    for (const release of released) this.#guard(release);
  }

  #rollBack(error: unknown): void {
    if (this.#sql?.inTransaction) this.#sql.exec('ROLLBACK');
    const failed = this.#onFailed;
    this.#forget();
    this.#noteFailure(error, failed.length);
    for (const fail of failed) fail(error);
  }

  /** Only the first of a row is an error in the log: devices that are not confirmed come again and again. */
  #noteFailure(error: unknown, waiting: number): void {
    const { log } = this.#options;
    const fields = { error: String(error), waiting };
    if (this.#isFailing) log.debug(fields, 'store.commit-failed-again');
    else log.error(fields, 'store.commit-failed');
    this.#isFailing = true;
  }

  #noteSuccess(): void {
    if (this.#isFailing) this.#options.log.info({}, 'store.recovered');
    this.#isFailing = false;
  }

  #guard(effect: () => void): void {
    try {
      effect();
    } catch (cause) {
      const error = new WatchpostError('WP3009', { cause });
      this.#options.log.error({ code: error.code, cause: String(cause) }, 'store.effect-failed');
    }
  }

  #forget(): void {
    this.#disarm();
    this.#onCommitted = [];
    this.#onFailed = [];
  }

  #disarm(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#cancelLazy?.();
    this.#immediate = null;
    this.#cancelLazy = null;
  }
}

/** It would have hit any write. */
const isOfTheDisk = (error: unknown): boolean => error instanceof WatchpostError && error.retryable;
