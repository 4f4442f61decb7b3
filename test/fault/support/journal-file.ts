import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';

/** What a card holds of a device; the rest of its folder is made anew at each start. */
const JOURNAL = ['alarm.db', 'alarm.db-wal', 'events.db', 'events.db-wal'];

/** Copies the journal of a stopped agent, as one copies a card. */
export function copyJournal(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of JOURNAL) {
    rmSync(join(to, name), { force: true });
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
  }
}

/** Works on a database of a process that is stopped. */
export function withDatabase<T>(file: string, work: (sql: Database) => T): T {
  const sql = new Sqlite(file);
  try {
    return work(sql);
  } finally {
    sql.close();
  }
}

/** A record that the site can only refuse, in front of whatever is recorded next. */
export function plantPoison(dir: string, make: (epoch: string, seq: number) => { id: string; body: string }) {
  withDatabase(join(dir, 'alarm.db'), (sql) => {
    const { epoch, next } = sql
      .prepare<[], { epoch: string; next: number }>(
        `SELECT epoch, max(floor, (SELECT coalesce(max(seq), 0) + 1 FROM records WHERE epoch = lanes.epoch)) AS next
         FROM lanes WHERE lane = 'alarm'`,
      )
      .get() ?? { epoch: '', next: 0 };
    const { id, body } = make(epoch, next);
    sql
      .prepare('INSERT INTO records (epoch, seq, id, body, pending) VALUES (?, ?, ?, ?, 1)')
      .run(epoch, next, id, body);
  });
}
