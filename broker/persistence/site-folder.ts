import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { WatchpostError } from '#contract/errors.ts';
import { explainSqlite } from './store/sqlite-error.ts';

/** Names within the broker's data folder. */
export const SITE_DATABASE = 'site.db';
const LOCK_FILE = 'lock.db';
/** There while a restore is under way: half a site must not be started. */
export const RESTORING_FILE = 'restoring.json';

/**
 * The data folder of one broker. Two on the same folder would confirm messages to devices that the other one does
 * not know of, so it is locked: by a lock on a database of its own, which the kernel releases however we end.
 */
export class SiteFolder {
  readonly path: string;
  #lock: Database | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** As `lock`, for a broker. Throws WP3605 too, where a restore did not come to its end. */
  open(): void {
    this.lock();
    if (!existsSync(join(this.path, RESTORING_FILE))) return;
    this.close();
    throw new WatchpostError('WP3605', { detail: this.path });
  }

  /** Makes the folder when it is missing, for its owner alone. Throws WP5007 when another broker has it, WP3001 or WP5008. */
  lock(): void {
    try {
      makeFolder(resolve(this.path));
      const lock = new Sqlite(join(this.path, LOCK_FILE), { timeout: 0 });
      this.#lock = lock;
      lock.exec('BEGIN EXCLUSIVE');
    } catch (cause) {
      this.close();
      const busy = cause instanceof Sqlite.SqliteError && cause.code === 'SQLITE_BUSY';
      if (busy) throw new WatchpostError('WP5007', { detail: this.path, cause });
      if (cause instanceof Sqlite.SqliteError && cause.code === 'SQLITE_FULL') throw explainSqlite(cause);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new WatchpostError('WP5008', { detail: reason, cause });
    }
  }

  /** Idempotent. */
  close(): void {
    this.#lock?.close();
    this.#lock = null;
  }
}

/** Step by step: Node's own `recursive` spins for ever where nothing can be made (below /proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
