import { existsSync, renameSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { WatchpostError } from '#contract/errors.ts';

export type Sql = Database.Database;

/** One step of a database's history; step n leads from version n to n + 1. */
export type Migration = (sql: Sql) => void;

export interface DatabaseFileOptions {
  readonly file: string;
  readonly migrations: readonly Migration[];
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Pages of 4 KiB in the log before they are moved into the database; bounds the log file, too. */
  readonly logPages: number;
}

export interface OpenedDatabase {
  readonly sql: Sql;
  /** Where a damaged file of this name was put, or null. */
  readonly damaged: string | null;
}

/** Checking every page takes about 4 ms a MiB: files above this are checked only as they are read. */
const CHECKED_BYTES = 16 * 1024 * 1024;
const CACHE_KIB = 512;

/**
 * Opens a journal file for this process alone and brings it to the newest version. A damaged file is renamed
 * aside and a new one begun. Throws WP2003 (newer version), WP2004 (in use), WP2013 (folder).
 */
export function openDatabaseFile(options: DatabaseFileOptions): OpenedDatabase {
  try {
    return { sql: openSound(options), damaged: null };
  } catch (error) {
    if (!isDamage(error)) throw explain(error, options.file);
    const damaged = setAside(options.file);
    return { sql: openSound(options), damaged };
  }
}

/** For damage that was found only in reading: closes the file, puts it aside and begins a new one. */
export function replaceDamaged({ sql }: OpenedDatabase, options: DatabaseFileOptions): OpenedDatabase {
  sql.close();
  const damaged = setAside(options.file);
  return { sql: openSound(options), damaged };
}

function openSound({ file, migrations, synchronous, logPages }: DatabaseFileOptions): Sql {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const checked = bytes > 0 && bytes <= CHECKED_BYTES;
  const sql = new Database(file, { timeout: 1000 });
  try {
    // Exclusive: no second agent on the same folder, and no shared-memory file that a full disk could not grow.
    sql.pragma('locking_mode = EXCLUSIVE');
    refuseNewer(sql, migrations, file);
    // On a file that exists this would write, which a full disk may refuse.
    if (bytes === 0) sql.pragma('auto_vacuum = INCREMENTAL');
    configure(sql, synchronous, logPages);
    if (checked && sql.pragma('quick_check(1)', { simple: true }) !== 'ok') throw new DamageFound();
    migrate(sql, migrations);
    return sql;
  } catch (error) {
    sql.close();
    throw error;
  }
}

function configure(sql: Sql, synchronous: string, logPages: number): void {
  sql.pragma('journal_mode = WAL');
  sql.pragma(`synchronous = ${synchronous}`);
  sql.pragma(`wal_autocheckpoint = ${logPages}`);
  sql.pragma(`cache_size = -${CACHE_KIB}`);
}

const versionOf = (sql: Sql): number => Number(sql.pragma('user_version', { simple: true }));

function refuseNewer(sql: Sql, migrations: readonly Migration[], file: string): void {
  const version = versionOf(sql);
  if (version <= migrations.length) return;
  throw new WatchpostError('WP2003', {
    detail: `${file} has version ${version}, this agent knows ${migrations.length}`,
  });
}

/**
 * Commits without syncing, in a file that syncs every commit: it survives the end of this process, and a power cut
 * takes it only as a whole and only until the next synced commit.
 */
export function unsynced<T>(sql: Sql, work: () => T): T {
  sql.pragma('synchronous = NORMAL');
  try {
    return work();
  } finally {
    sql.pragma('synchronous = FULL');
  }
}

function migrate(sql: Sql, migrations: readonly Migration[]): void {
  const version = versionOf(sql);
  const step = sql.transaction((migration: Migration, to: number) => {
    migration(sql);
    sql.pragma(`user_version = ${to}`);
  });
  for (const [index, migration] of migrations.entries()) {
    if (index >= version) step.immediate(migration, index + 1);
  }
}

class DamageFound extends Error {}

const errorCode = (error: unknown): string =>
  error instanceof Database.SqliteError ? error.code : error instanceof DamageFound ? 'SQLITE_CORRUPT' : '';

export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)/.test(errorCode(error));
}

/** No room: on the disk, or within the quota of the file. A full disk also shows as a failed write or sync. */
export function isFull(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR)/.test(errorCode(error));
}

function explain(error: unknown, file: string): unknown {
  const code = errorCode(error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new WatchpostError('WP2004', { detail: file, cause: error });
  }
  if (/^SQLITE_(CANTOPEN|READONLY|PERM)/.test(code) || error instanceof TypeError) {
    return new WatchpostError('WP2013', { detail: file, cause: error });
  }
  return error;
}

function setAside(file: string): string {
  let n = 1;
  while (existsSync(`${file}.damaged-${n}`)) n += 1;
  const aside = `${file}.damaged-${n}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}
