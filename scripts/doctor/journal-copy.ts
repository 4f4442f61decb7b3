import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { isMemoryBacked, memoryBackedPlaces } from '#agent/ports/memory-backed.ts';

/** A busy device writes some times a second; a copy takes some milliseconds. */
const MOST_TRIES = 10;

/**
 * Reads a copy of a device's database, in memory where there is such a place. The agent alone opens its own: while it
 * runs it lets nobody else in, and while it does not, opening would leave files of whoever looks beside it, which keep
 * the agent out when that was root.
 */
export function readDatabase<T>(file: string, read: (sql: Database) => T): T {
  const place = memoryBackedPlaces().find(isMemoryBacked) ?? tmpdir();
  const folder = mkdtempSync(join(place, 'watchpost-look-'));
  try {
    const copy = join(folder, basename(file));
    copyAtRest(file, copy);
    const sql = new Sqlite(copy);
    try {
      return read(sql);
    } finally {
      sql.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** File and write-ahead log belong together: copied anew where one was written to meanwhile. */
function copyAtRest(file: string, copy: string): void {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = stampOf(file);
    copyFileSync(file, copy);
    rmSync(`${copy}-wal`, { force: true });
    if (statSync(`${file}-wal`, { throwIfNoEntry: false }) !== undefined)
      copyFileSync(`${file}-wal`, `${copy}-wal`);
    if (stampOf(file) === before) return;
  }
}

const stampOf = (file: string): string =>
  [file, `${file}-wal`]
    .map((path) => statSync(path, { throwIfNoEntry: false, bigint: true }))
    .map((stat) => (stat === undefined ? '' : `${stat.size} ${stat.mtimeNs}`))
    .join(', ');
