import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { explainSqlite } from './sqlite-error.ts';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const MIB = 1024 * 1024;

/** How the last process that had the database left it. */
export type LeftBehind = 'nothing' | 'clean' | 'unclean';

/**
 * Looks at the files before SQLite opens them: it would take an empty file, or none, for a new database, and a site
 * would begin anew without anybody having said so. A log that is still there tells of an end that was not clean. Throws
 * WP3003 or WP3012.
 */
export function inspectFiles(path: string): LeftBehind {
  const size = sizeOf(path);
  // The stamp is written behind the first commit (LedgerIdentity): there has been a database.
  const hasBeen = existsSync(`${path}.stamp`);
  if (size === null && hasBeen) throw new WatchpostError('WP3012', { detail: path, hint: restoreHint(path) });
  if (size === null || (size === 0 && !hasBeen)) return 'nothing';
  const isClean = (sizeOf(`${path}-wal`) ?? 0) === 0;
  const fault = faultOfHeader(path, size, isClean);
  if (fault !== null) throw damaged(path, fault);
  return isClean ? 'clean' : 'unclean';
}

/**
 * After an end that was not clean: the whole is read once (`quick_check`), database and log together, unless it is
 * larger than `maxMiB`. Through a connection that may not write: closing one that may would move a log that does not
 * fit into the database, and what was refused must stay as it was. Throws WP3003.
 */
export function checkWhole(path: string, maxMiB: number, log: Log): void {
  const mebibytes = Math.round((sizeOf(path) ?? 0) / MIB);
  if (mebibytes > maxMiB) {
    log.warn({ mebibytes, maxMiB }, 'store.not-checked');
    return;
  }
  const sql = new Sqlite(path, { readonly: true });
  try {
    const found = sql.prepare<[], string>('PRAGMA quick_check(1)').pluck().all();
    if (found.length !== 1 || found[0] !== 'ok') throw damaged(path, found.join('; ').replaceAll('\n', ' '));
    log.info({ mebibytes }, 'store.checked');
  } finally {
    sql.close();
  }
}

/**
 * Moves all of the log into the database and syncs it, so that nothing rests on pages that the last process may have
 * failed to sync. A disk without room leaves the log as it is. Throws WP300x of the disk.
 */
export function readBack(sql: Database, log: Log): void {
  try {
    sql.pragma('wal_checkpoint(TRUNCATE)');
  } catch (cause) {
    const error = explainSqlite(cause);
    if (!(error instanceof WatchpostError) || error.code !== 'WP3001') throw error;
    log.error({ code: error.code, error: error.message }, 'store.log-kept');
  }
}

/** WP3003 with what can be done: which copy is the newest. */
export function damaged(path: string, detail: string, cause?: unknown): WatchpostError {
  return new WatchpostError('WP3003', { detail: `${path}: ${detail}`, hint: restoreHint(path), cause });
}

function faultOfHeader(path: string, size: number, isClean: boolean): string | null {
  if (size < HEADER_BYTES) return `only ${size} bytes long`;
  const header = Buffer.alloc(HEADER_BYTES);
  const fd = openSync(path, 'r');
  readSync(fd, header, 0, HEADER_BYTES, 0);
  closeSync(fd);
  if (header.toString('latin1', 0, 16) !== MAGIC) return 'not a database';
  // https://www.sqlite.org/fileformat2.html#the_database_header: page size at 16 (1 is 65536), pages at 28.
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const expected = pageBytes * header.readUInt32BE(28);
  return isClean && size < expected ? `cut off at ${size} of ${expected} bytes` : null;
}

function restoreHint(path: string): string {
  const newest = newestCopy(join(dirname(path), 'backups'));
  const copy =
    newest === null ? 'your newest copy of the data folder' : `a copy (the newest here: ${newest})`;
  return `Nothing was changed. Restore ${copy}; devices offer again what they still hold. To begin without the past, move site.db and what is named like it to another folder.`;
}

function newestCopy(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const copies = readdirSync(folder)
    .filter((name) => name.endsWith('.db'))
    .map((name) => ({ file: join(folder, name), atMs: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs);
  return copies[0]?.file ?? null;
}

const sizeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;
