import { closeSync, openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import Sqlite, { type Database, type Statement } from 'better-sqlite3';
import * as z from 'zod';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

export interface CheckpointerParts {
  readonly sql: Database;
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Pages of the log above which it is begun again. */
  readonly restartPages: number;
  readonly onCheckpoint: (checkpoint: CheckpointNews) => void;
  /** Pages that were moved are not on the disk, and the kernel will not say so again. */
  readonly onSyncFailed: (error: unknown) => void;
}

export interface CheckpointNews {
  readonly where: 'thread' | 'in-place';
  readonly ok: boolean;
}

/** Pages of the log, and how many of them are in the database. */
interface WalPosition {
  readonly log: number;
  readonly checkpointed: number;
}

interface Thread {
  readonly worker: Worker;
  readonly fd: number;
  readonly gone: Promise<void>;
}

const Answer = z.object({ busy: z.boolean(), error: z.string().nullable(), code: z.string() });
/** The rest that is copied in place, between two commits, when the log is to begin again. Some milliseconds. */
const REST_PAGES = 512;
/** SQLite's own syncs; what is not SQLite's is fdatasync. */
const SYNC_FAILED = /^SQLITE_IOERR_(DIR_)?FSYNC/;
/** After one that failed, or that a reader kept from beginning the log again. */
const AGAIN_AFTER_MS = 1000;
/** From here on an operator should know: so many times the size it should have. */
const LARGE = 16;

/**
 * Moves pages from the write-ahead log into the database, in a thread with a connection of its own, so that copying and
 * syncing leave the event loop alone (PASSIVE: nobody is blocked, https://www.sqlite.org/c3ref/wal_checkpoint_v2.html).
 * Under load the thread never catches up with the last commit, and a log begins again only when all of it is moved: so
 * when it is long enough, the few pages that the thread has left are moved in place, right after a COMMIT.
 */
export class Checkpointer {
  readonly #parts: CheckpointerParts;
  readonly #look: Statement<[], WalPosition>;
  readonly #move: Statement<[], WalPosition & { readonly busy: number }>;
  #thread: Thread | null = null;
  #isBusy = false;
  #isAlone = false;
  #notBeforeMs = 0;
  #saidLarge = false;

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
    this.#look = parts.sql.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#move = parts.sql.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** Pages of the log that count. 4 µs. */
  get position(): WalPosition {
    return this.#look.get() ?? { log: 0, checkpointed: 0 };
  }

  /** After a COMMIT, with no transaction open. Never throws: what cannot be moved now stays where it is, durable. */
  committed(): void {
    // Who was released may have begun the next transaction already: its COMMIT asks again.
    if (this.#parts.sql.inTransaction) return;
    const { log, checkpointed } = this.position;
    const { restartPages, clock } = this.#parts;
    const left = log - checkpointed;
    this.#watchSize(log);
    if (this.#isBusy || left === 0 || clock.monoMs() < this.#notBeforeMs) return;
    if (log >= restartPages && (left <= REST_PAGES || this.#isAlone)) this.#inPlace();
    else if (left >= restartPages / 4 && !this.#isAlone) this.#inThread();
  }

  /** Ends the thread. Whoever owns the connection closes it then, and calls {@link release} last. */
  async stop(): Promise<void> {
    const thread = this.#thread;
    this.#isAlone = true;
    if (thread === null) return;
    thread.worker.postMessage('close');
    await thread.gone;
  }

  /** Not before every connection of this process is closed: closing a handle on the database drops SQLite's locks. */
  release(): void {
    if (this.#thread !== null) closeSync(this.#thread.fd);
    this.#thread = null;
  }

  get hasThread(): boolean {
    return this.#thread !== null;
  }

  #inThread(): void {
    try {
      this.#thread ??= this.#startThread();
      this.#thread.worker.postMessage('checkpoint');
      this.#isBusy = true;
    } catch (error) {
      this.#threadFailed(error);
    }
  }

  #startThread(): Thread {
    const { path } = this.#parts;
    const fd = openSync(path, 'r');
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
      workerData: { path, databaseFd: fd },
    });
    worker.on('message', (message) => {
      const { busy, error, code } = Answer.parse(message);
      if (error === null) this.#ended('thread', busy);
      else this.#failed('thread', error, code);
    });
    worker.on('error', (error) => this.#threadFailed(error));
    // From the first moment: it may be gone long before anybody asks.
    const gone = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
    });
    return { worker, fd, gone };
  }

  /** From now on everything is moved in place: slower, and no less durable. */
  #threadFailed(error: unknown): void {
    this.#parts.log.error({ error: String(error) }, 'store.checkpoint-thread-failed');
    this.#isAlone = true;
    this.#isBusy = false;
  }

  #inPlace(): void {
    try {
      const { busy, log, checkpointed } = this.#move.get() ?? { busy: 1, log: 1, checkpointed: 0 };
      this.#ended('in-place', busy !== 0 || checkpointed < log);
    } catch (error) {
      this.#failed('in-place', String(error), error instanceof Sqlite.SqliteError ? error.code : '');
    }
    // Where a reader keeps the log from beginning again, not after each commit.
    this.#waitABit();
  }

  #ended(where: CheckpointNews['where'], incomplete: boolean): void {
    this.#isBusy = false;
    if (incomplete) this.#waitABit();
    this.#parts.onCheckpoint({ where, ok: true });
  }

  /** A full disk: the log keeps it all. A failed sync: SQLite holds for moved what is on no disk. */
  #failed(where: CheckpointNews['where'], error: string, code: string): void {
    this.#isBusy = false;
    this.#waitABit();
    this.#parts.log.error({ where, error, code }, 'store.checkpoint-failed');
    this.#parts.onCheckpoint({ where, ok: false });
    if (!code.startsWith('SQLITE_') || SYNC_FAILED.test(code)) this.#parts.onSyncFailed(error);
  }

  #waitABit(): void {
    this.#notBeforeMs = this.#parts.clock.monoMs() + AGAIN_AFTER_MS;
  }

  #watchSize(pages: number): void {
    const isLarge = pages > LARGE * this.#parts.restartPages;
    if (isLarge && !this.#saidLarge) this.#parts.log.warn({ pages }, 'store.log-large');
    this.#saidLarge = isLarge;
  }
}
