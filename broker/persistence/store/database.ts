import Sqlite, { type Database } from 'better-sqlite3';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { GroupCommit } from '../ports.ts';
import { Checkpointer, type CheckpointNews } from './checkpointer.ts';
import { CommitGroup } from './commit-group.ts';
import { Durability } from './durability.ts';
import { type Migration, migrate, shippedMigrations } from './migrate.ts';
import { keepPrepared } from './prepared.ts';
import { Reserve } from './reserve.ts';
import { explainSqlite } from './sqlite-error.ts';
import { checkWhole, damaged, inspectFiles, readBack } from './start-check.ts';
import { DEFAULT_STORAGE_LIMITS, type StorageLimits } from './storage-limits.ts';
import { Transaction } from './transaction.ts';
import { type DurableFile, WalSync } from './wal-sync.ts';

export interface SiteDatabaseOptions {
  /** File, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** FULL (the default) confirms nothing before it is on the disk; NORMAL may lose the last second when power fails. */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** The shipped ones unless a test brings its own. */
  readonly migrations?: readonly Migration[];
  readonly limits?: StorageLimits;
  /** Told after every COMMIT that somebody waited for, when it is durable. */
  readonly onCommitted?: (commit: { readonly durationMs: number; readonly works: number }) => void;
  readonly onCheckpoint?: (checkpoint: CheckpointNews) => void;
  /** A sync has failed, and nothing is confirmed any more: the process should end as if it had crashed. */
  readonly onLost?: (error: WatchpostError) => void;
  /** What syncs the log; tests bring one that fails or hangs. */
  readonly openLog?: (file: string, nowMs: () => number) => DurableFile;
}

/** How long a write that nobody waits for may stay uncommitted: draining a queue would else commit per message. */
const LAZY_COMMIT_MS = 5;
/** Its COMMIT comes within milliseconds: one that is open for this long was forgotten. */
const LEFT_OPEN_MS = 3_000;
/** How long SQLite waits for a lock of another process (a copy being made) before it gives up. */
const LOCK_WAIT_MS = 250;
const PAGE_BYTES = 4096;

/**
 * The site's one SQLite connection (WAL) with group commit: the first write begins a transaction, all writes of the
 * same turn of the event loop share its COMMIT in the next `setImmediate`, and one fdatasync of the log confirms them
 * all ({@link Durability}). While a sync is under way in another thread the next transaction stays open and collects.
 * Waiters are released in the order they came. When COMMIT fails, or SQLite rolled the whole transaction back by
 * itself (a full disk), everybody in it is told, nobody is confirmed, and the next write begins afresh: the site goes
 * on as soon as there is room again.
 */
export class SiteDatabase implements GroupCommit {
  readonly #options: SiteDatabaseOptions;
  #sql: Database | null = null;
  #transaction: Transaction | null = null;
  #durability: Durability | null = null;
  #group = new CommitGroup();
  #cancelLazy: Cancel | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #nesting = 0;
  #isFailing = false;
  #isDamaged = false;
  #closed: Promise<void> = Promise.resolve();
  /** The transaction that the last look found open. */
  #seenOpen: { readonly group: CommitGroup; readonly sinceMs: number } | null = null;

  constructor(options: SiteDatabaseOptions) {
    this.#options = options;
  }

  get sql(): Database {
    if (this.#sql === null) throw new WatchpostError('WP3010');
    return this.#sql;
  }

  /** False from a COMMIT or sync that failed until one succeeds; and for good once the file was found damaged. */
  get isTaking(): boolean {
    if (this.#sql === null || this.#isFailing || this.#isDamaged) return false;
    return this.#durability?.lost === null;
  }

  /**
   * Whether work would be taken and come to its COMMIT. Writes nothing; a disk that is full, slow or gone is no reason
   * to throw, for no restart mends it.
   * @throws WatchpostError WP3010 (not open), WP2617 where a transaction is open and nothing will commit it
   */
  probe(): void {
    this.sql.prepare('SELECT 1').get();
    const nowMs = this.#options.clock.monoMs();
    const isOpen = this.#transaction?.isOpen === true && this.#durability?.isUnderWay !== true;
    if (!isOpen) this.#seenOpen = null;
    else if (this.#seenOpen?.group !== this.#group) this.#seenOpen = { group: this.#group, sinceMs: nowMs };
    else if (nowMs - this.#seenOpen.sinceMs > LEFT_OPEN_MS)
      throw new WatchpostError('WP2617', { detail: 'a transaction stays open' });
  }

  get path(): string {
    return this.#options.path;
  }

  /**
   * Opens the file, reads back what an unclean end has left, and brings it to this version. Throws WP3003 (damaged),
   * WP3005, WP3006, WP3007, WP3012 (gone), or WP300x of the disk.
   */
  start(): void {
    const reserve = this.#options.path === ':memory:' ? null : new Reserve(this.#options.path);
    try {
      this.#open();
    } catch (error) {
      const isFull = error instanceof WatchpostError && error.code === 'WP3001';
      if (!isFull || reserve?.give() !== true) throw error;
      this.#options.log.warn({ code: error.code }, 'store.reserve-used');
      this.#open();
      return;
    }
    reserve?.keep();
  }

  /** Commits and syncs what is open, releases who waits, and closes the file. Idempotent. */
  close(): Promise<void> {
    const sql = this.#sql;
    const durability = this.#durability;
    if (sql === null || durability === null) return this.#closed;
    durability.settle();
    this.#flush();
    durability.settle();
    this.#disarm();
    this.#sql = null;
    this.#transaction = null;
    this.#durability = null;
    this.#closed = durability.close(() => sql.close());
    this.#group.fail(new WatchpostError('WP3010'));
    return this.#closed;
  }

  commit<T>(work: (sql: Database) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      try {
        const answer = this.#run(work);
        this.#group.add(() => resolve(answer), reject);
      } catch (error) {
        reject(error);
      }
      if (this.#transaction?.isOpen === true) this.#immediate ??= setImmediate(() => this.#flush());
    });
  }

  /**
   * Runs `work` at once and lets the COMMIT wait up to 5 ms, and the disk up to a second, for what may be done again
   * after a crash (taking a delivered message from a queue). Throws what `work` throws; a failed COMMIT is only logged.
   */
  commitLazily<T>(work: (sql: Database) => T): T {
    try {
      return this.#run(work);
    } finally {
      if (this.#immediate === null && this.#transaction?.isOpen === true) {
        this.#cancelLazy ??= this.#options.clock.after(LAZY_COMMIT_MS, () => this.#flush());
      }
    }
  }

  afterCommit(effect: () => void): void {
    if (this.#nesting === 0)
      throw new WatchpostError('WP3008', { detail: 'afterCommit outside of a commit' });
    this.#group.follow(effect);
  }

  whenDurable(effect: () => void, failed: (error: unknown) => void = () => undefined): void {
    if (this.#transaction?.isOpen === true) {
      this.#group.follow(effect, failed);
      this.#immediate ??= setImmediate(() => this.#flush());
    } else if (this.#durability === null) throw new WatchpostError('WP3010');
    else this.#durability.whenDurable(effect, failed);
  }

  #open(): void {
    const { path, clock, log, migrations = shippedMigrations(), limits } = this.#options;
    try {
      const left = path === ':memory:' ? 'nothing' : inspectFiles(path);
      if (left === 'unclean') checkWhole(path, (limits ?? DEFAULT_STORAGE_LIMITS).startCheckMiB, log);
      const sql = new Sqlite(path, { timeout: LOCK_WAIT_MS });
      this.#sql = sql;
      // For a new file, before anything is in it: room can be given back while the site works (Compactor).
      sql.pragma('auto_vacuum = INCREMENTAL');
      sql.pragma('journal_mode = WAL');
      sql.pragma('synchronous = FULL');
      sql.pragma('foreign_keys = ON');
      // What a savepoint would undo is kept beside, per commit tens of kilobytes: not in a file.
      sql.pragma('temp_store = MEMORY');
      if (left === 'unclean') readBack(sql, log);
      migrate(sql, migrations, { path, clock, log });
      keepPrepared(sql);
      this.#transaction = new Transaction(sql);
      this.#durability = this.#makeDurable(sql);
    } catch (error) {
      this.#sql?.close();
      this.#sql = null;
      const explained = explainSqlite(error);
      const isDamage = explained instanceof WatchpostError && explained.code === 'WP3003';
      throw isDamage && explained !== error ? damaged(path, explained.detail ?? '', error) : explained;
    }
  }

  #makeDurable(sql: Database): Durability {
    const { path, clock, log, synchronous = 'FULL', limits = DEFAULT_STORAGE_LIMITS } = this.#options;
    const { onCheckpoint = () => undefined, onCommitted = () => undefined } = this.#options;
    const { openLog = (file: string, nowMs: () => number) => new WalSync(file, nowMs) } = this.#options;
    const nowMs = () => clock.monoMs();
    const base = {
      ...{ sql, clock, log, onCommitted, isAwaited: synchronous === 'FULL' },
      onFree: () => this.#flush(),
      onLost: (error: WatchpostError) => this.#lose(error),
    };
    if (path === ':memory:') return new Durability({ ...base, file: null, checkpointer: null });
    const restartPages = (limits.walMiB * 1024 * 1024) / PAGE_BYTES;
    // COMMIT writes, Durability syncs; the log is begun again when the Checkpointer says so.
    sql.pragma('synchronous = NORMAL');
    sql.pragma('wal_autocheckpoint = 0');
    sql.pragma(`journal_size_limit = ${limits.walMiB * 1024 * 1024}`);
    const file = openLog(`${path}-wal`, nowMs);
    const onSyncFailed = (error: unknown) => this.#durability?.lose(error);
    const checkpointer = new Checkpointer({
      ...{ sql, path, clock, log, restartPages, onCheckpoint, onSyncFailed },
    });
    return new Durability({ ...base, file, checkpointer });
  }

  /** Nobody is confirmed any more, those of the open transaction included. */
  #lose(error: WatchpostError): void {
    if (this.#transaction?.isOpen === true) this.#rollBack(error);
    this.#options.onLost?.(error);
  }

  #run<T>(work: (sql: Database) => T): T {
    const sql = this.sql;
    const transaction = this.#transaction;
    if (transaction === null) throw new WatchpostError('WP3010');
    const lost = this.#durability?.lost ?? null;
    if (lost !== null) throw lost;
    const mark = this.#group.mark;
    try {
      transaction.beginWork();
      this.#nesting += 1;
      const answer = work(sql);
      transaction.endWork();
      return answer;
    } catch (error) {
      this.#group.backTo(mark);
      throw this.#undo(transaction, explainSqlite(error));
    } finally {
      this.#nesting = Math.max(0, this.#nesting - 1);
    }
  }

  /** Takes back the savepoint alone, or, where SQLite has ended the whole transaction, tells all that were in it. */
  #undo(transaction: Transaction, error: unknown): unknown {
    if (transaction.look()) {
      try {
        transaction.undoWork();
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
    const transaction = this.#transaction;
    const durability = this.#durability;
    this.#disarm();
    if (durability === null || transaction?.isOpen !== true) return;
    if (durability.isUnderWay) durability.callWhenFree();
    else this.#commit(transaction, durability);
  }

  #commit(transaction: Transaction, durability: Durability): void {
    const startedMs = this.#options.clock.monoMs();
    try {
      transaction.commit();
    } catch (error) {
      this.#rollBack(explainSqlite(error));
      return;
    }
    const group = this.#group;
    this.#group = new CommitGroup();
    // Where every work was taken back there was nothing to write: no sign of room.
    if (group.works > 0) this.#noteSuccess();
    durability.committed(group, startedMs);
  }

  #rollBack(error: unknown): void {
    this.#transaction?.rollBack();
    const group = this.#group;
    this.#group = new CommitGroup();
    this.#disarm();
    this.#noteFailure(error, group.works);
    group.fail(error);
  }

  /** Only the first of a row is an error in the log: devices that are not confirmed come again and again. */
  #noteFailure(error: unknown, waiting: number): void {
    const { log } = this.#options;
    const fields = { error: String(error), waiting };
    if (this.#isFailing) log.debug(fields, 'store.commit-failed-again');
    else log.error(fields, 'store.commit-failed');
    this.#isFailing = true;
    if (!(error instanceof WatchpostError)) return;
    if (error.code === 'WP3003') this.#isDamaged = true;
    if (error.code === 'WP3011') this.#durability?.lose(error);
  }

  #noteSuccess(): void {
    if (this.#isFailing) this.#options.log.info({}, 'store.recovered');
    this.#isFailing = false;
  }

  #disarm(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#cancelLazy?.();
    this.#immediate = null;
    this.#cancelLazy = null;
  }
}

/** It would have hit any write, or the file is damaged. */
const isOfTheDisk = (error: unknown): boolean =>
  error instanceof WatchpostError && (error.retryable || error.code === 'WP3003');
