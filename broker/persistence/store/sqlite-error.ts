import Sqlite from 'better-sqlite3';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';

const BY_PREFIX: readonly (readonly [string, ErrorCode])[] = [
  ['SQLITE_FULL', 'WP3001'],
  // On a full disk SQLite cannot make its -shm.
  ['SQLITE_IOERR_SHMSIZE', 'WP3001'],
  ['SQLITE_IOERR_FSYNC', 'WP3011'],
  ['SQLITE_IOERR_DIR_FSYNC', 'WP3011'],
  ['SQLITE_IOERR', 'WP3002'],
  ['SQLITE_CORRUPT', 'WP3003'],
  ['SQLITE_NOTADB', 'WP3003'],
  ['SQLITE_BUSY', 'WP3004'],
  ['SQLITE_LOCKED', 'WP3004'],
  ['SQLITE_CANTOPEN', 'WP3007'],
  ['SQLITE_READONLY', 'WP3007'],
];

/** An error of SQLite as a WatchpostError with what an operator can do; anything else as it is. */
export function explainSqlite(error: unknown): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  const known = BY_PREFIX.find(([prefix]) => error.code.startsWith(prefix));
  return new WatchpostError(known?.[1] ?? 'WP3008', {
    detail: `${error.code}: ${error.message}`,
    cause: error,
  });
}
