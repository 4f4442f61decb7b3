import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { isMemoryBacked, memoryBackedPlaces } from '#agent/ports/memory-backed.ts';

const LOCK_WAIT_MS = 2_000;

/**
 * Reads a database of a device and leaves no trace beside it. One that is open has its files already. One that is not
 * would get new ones by being opened, which belong to whoever looks, and keep the agent out when that was root: of that
 * a copy is read.
 */
export function readDatabase<T>(file: string, read: (sql: Database) => T): T {
  if (existsSync(`${file}-shm`)) return using(file, read);
  const place = memoryBackedPlaces().find(isMemoryBacked) ?? tmpdir();
  const folder = mkdtempSync(join(place, 'watchpost-look-'));
  try {
    const copy = join(folder, basename(file));
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    return using(copy, read);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function using<T>(file: string, read: (sql: Database) => T): T {
  const sql = new Sqlite(file, { readonly: true, timeout: LOCK_WAIT_MS });
  try {
    return read(sql);
  } finally {
    sql.close();
  }
}
