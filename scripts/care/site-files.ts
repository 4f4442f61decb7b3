import { existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { SITE_DATABASE, SiteFolder } from '#broker/persistence/site-folder.ts';
import { explainSqlite } from '#broker/persistence/store/sqlite-error.ts';
import { WatchpostError } from '#contract/errors.ts';

/** How long a look at the database waits for a moment in which the broker moves its log. */
const LOCK_WAIT_MS = 5_000;

export const databaseFile = (dataDir: string): string => join(dataDir, SITE_DATABASE);

/** Opens the database for reading, beside a broker that may be running. Throws WP5006 or WP300x. */
export function openForReading(dataDir: string): Database {
  const file = databaseFile(dataDir);
  if (!existsSync(file)) throw new WatchpostError('WP5006', { detail: file });
  try {
    const sql = new Sqlite(file, { readonly: true, timeout: LOCK_WAIT_MS });
    sql.prepare('SELECT count(*) FROM sqlite_master').get();
    return sql;
  } catch (cause) {
    throw explainSqlite(cause);
  }
}

/** Takes the folder so that no broker can start on it; null while one runs. Throws WP5008. */
export function lockFolder(dataDir: string): SiteFolder | null {
  const folder = new SiteFolder(dataDir);
  try {
    folder.lock();
    return folder;
  } catch (cause) {
    if (cause instanceof WatchpostError && cause.code === 'WP5007') return null;
    throw cause;
  }
}

export const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Throws WP3608 when the disk of `dir` has not that much. */
export async function requireRoom(dir: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= bytes) return;
  const mebibytes = (count: number) => `${Math.ceil(count / 1024 / 1024)} MiB`;
  throw new WatchpostError('WP3608', {
    detail: `${dir}: ${mebibytes(bytes)} needed, ${mebibytes(free)} free`,
  });
}
