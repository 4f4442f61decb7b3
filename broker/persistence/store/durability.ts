import type { Database } from 'better-sqlite3';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { CommitGroup } from './commit-group.ts';
import type { DurableFile } from './wal-sync.ts';

export interface DurabilityParts {
  readonly sql: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** The write-ahead log; null for a database in memory, where nothing can be made durable. */
  readonly file: DurableFile | null;
  readonly checkpointer: Checkpointer | null;
  /** Whether anybody waits for the disk (FULL). */
  readonly isAwaited: boolean;
  readonly onCommitted: (commit: { readonly durationMs: number; readonly works: number }) => void;
  /** The sync that held up a COMMIT is over. */
  readonly onFree: () => void;
  /** A sync has failed. */
  readonly onLost: (error: WatchpostError) => void;
}

/** The most that commits nobody waits for may lose when power fails: lazy ones, and all of them with NORMAL. */
const UNAWAITED_SYNC_MS = 1000;

interface UnderWay {
  readonly group: CommitGroup;
  readonly startedMs: number;
}

/**
 * From COMMIT to disk. SQLite runs with synchronous=NORMAL, where COMMIT only writes frames into the log; the sync that
 * FULL would add behind them is made here, of the same file, and only then is anybody told. In place while the disk is
 * quick, in another thread while it is not ({@link DurableFile}).
 *
 * A sync that failed is not tried again: the kernel has marked the pages clean, and a second one would say that all is
 * well (https://wiki.postgresql.org/wiki/Fsync_Errors). From then on nothing is confirmed in this process; the next one
 * reads the log back by its checksums and writes all of it into the database (see SiteDatabase.start).
 */
export class Durability {
  readonly #parts: DurabilityParts;
  #underWay: UnderWay | null = null;
  #isFreeWanted = false;
  #lost: WatchpostError | null = null;
  #cancelTimer: Cancel | null = null;
  #syncedChanges = -1;
  #isSyncingUnawaited = false;

  constructor(parts: DurabilityParts) {
    this.#parts = parts;
  }

  /** What is to be said to everybody from now on; null while syncs work. */
  get lost(): WatchpostError | null {
    return this.#lost;
  }

  /** While one is under way the next COMMIT waits: it could not be synced any sooner, and so takes more along. */
  get isUnderWay(): boolean {
    return this.#underWay !== null;
  }

  callWhenFree(): void {
    this.#isFreeWanted = true;
  }

  /** The group's COMMIT has succeeded; none is under way. */
  committed(group: CommitGroup, startedMs: number): void {
    const { file, isAwaited } = this.#parts;
    const changes = this.#changes();
    if (file === null || !isAwaited || !group.isAwaited) {
      if (file !== null && changes !== this.#syncedChanges) this.#syncSoon();
      this.#release({ group, startedMs });
    } else if (changes === this.#syncedChanges) this.#release({ group, startedMs });
    else this.#sync(file, { group, startedMs }, changes);
  }

  /** Runs `effect` when all that is committed so far is durable: at once, or behind the group that is under way. */
  whenDurable(effect: () => void, failed: (error: unknown) => void): void {
    if (this.#lost !== null) failed(this.#lost);
    else if (this.#underWay === null) effect();
    else this.#underWay.group.follow(effect, failed);
  }

  /** Waits, with the event loop, for what is under way. */
  settle(): void {
    const underWay = this.#underWay;
    const { file } = this.#parts;
    if (underWay === null || file === null) return;
    this.#underWay = null;
    this.#inPlace(file, underWay, this.#syncedChanges);
  }

  /** `closeDatabase` is called as soon as no other connection of this process has the file open. */
  close(closeDatabase: () => void): Promise<void> {
    const { checkpointer, file } = this.#parts;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    file?.close();
    if (checkpointer?.hasThread !== true) {
      closeDatabase();
      return Promise.resolve();
    }
    return checkpointer.stop().then(() => {
      closeDatabase();
      checkpointer.release();
    });
  }

  /** From now on nothing is confirmed. Idempotent. */
  lose(cause: unknown): WatchpostError {
    if (this.#lost !== null) return this.#lost;
    const error =
      cause instanceof WatchpostError && cause.code === 'WP3011'
        ? cause
        : new WatchpostError('WP3011', { detail: String(cause), cause });
    this.#lost = error;
    this.#parts.log.error({ code: error.code, error: error.message, hint: error.hint }, 'store.sync-failed');
    this.#parts.onLost(error);
    return error;
  }

  #sync(file: DurableFile, work: UnderWay, changes: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (file.isSlow) this.#inThread(file, work, changes);
    else this.#inPlace(file, work, changes);
  }

  #inThread(file: DurableFile, work: UnderWay, changes: number): void {
    this.#underWay = work;
    file.inThread((error) => {
      if (this.#underWay !== work) return;
      this.#underWay = null;
      this.#ended(work, error, changes);
      const wanted = this.#isFreeWanted;
      this.#isFreeWanted = false;
      if (wanted) this.#parts.onFree();
    });
  }

  #inPlace(file: DurableFile, work: UnderWay, changes: number): void {
    this.#ended(
      work,
      errorOf(() => file.now()),
      changes,
    );
  }

  #ended(work: UnderWay, error: unknown, changes: number): void {
    const failed = this.#lost ?? (error === null ? null : this.lose(error));
    if (failed === null) {
      this.#syncedChanges = changes;
      this.#release(work);
    } else work.group.fail(failed);
  }

  #release({ group, startedMs }: UnderWay): void {
    // In front of those who are released: they may begin the next transaction at once.
    this.#parts.checkpointer?.committed();
    const { works } = group;
    if (works > 0) {
      this.#parts.onCommitted({ durationMs: this.#parts.clock.monoMs() - startedMs, works });
    }
    for (const each of group.takeReleased()) this.#guard(each);
  }

  /** In another thread in any case: nobody waits. */
  #syncSoon(): void {
    this.#cancelTimer ??= this.#parts.clock.after(UNAWAITED_SYNC_MS, () => {
      this.#cancelTimer = null;
      this.#syncUnawaited();
    });
  }

  /** One at a time: on a disk that hangs they would fill the thread pool, one a second. */
  #syncUnawaited(): void {
    if (this.#isSyncingUnawaited) {
      this.#syncSoon();
      return;
    }
    this.#isSyncingUnawaited = true;
    this.#parts.file?.inThread((error) => {
      this.#isSyncingUnawaited = false;
      if (error !== null) this.lose(error);
    });
  }

  /** Rows changed on this connection since it was opened. Where it is the same, COMMIT has written nothing. */
  #changes(): number {
    return this.#parts.sql.prepare<[], number>('SELECT total_changes()').pluck().get() ?? -1;
  }

  #guard(effect: () => void): void {
    try {
      effect();
    } catch (cause) {
      const error = new WatchpostError('WP3009', { cause });
      this.#parts.log.error({ code: error.code, cause: String(cause) }, 'store.effect-failed');
    }
  }
}

function errorOf(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}
