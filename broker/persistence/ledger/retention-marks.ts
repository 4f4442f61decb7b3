import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { GroupCommit } from '../ports.ts';

/** The newest row of each table when a mark was set. */
const Rows = z.object({
  event: z.number(),
  evidence: z.number(),
  piece: z.number(),
  incident: z.number(),
  step: z.number(),
  notification: z.number(),
  command: z.number(),
  quarantine: z.number(),
});
export type MarkedRows = z.infer<typeof Rows>;

const TABLES: Readonly<Record<keyof MarkedRows, string>> = {
  event: 'ledger_event',
  evidence: 'evidence',
  piece: 'evidence_piece',
  incident: 'incident',
  step: 'incident_step',
  notification: 'notification',
  command: 'command',
  quarantine: 'quarantine',
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Nothing goes later than this after its time. */
const MARK_EVERY_MS = 6 * HOUR_MS;

/**
 * Which rows were there when, by the time that the site has seen pass. Rows are numbered in the order they came,
 * whatever the wall clock said then and says now: what is at or below a mark is at least as old as the mark.
 */
export class RetentionMarks {
  readonly #db: GroupCommit;
  readonly #siteTime: { readonly seenMs: number };

  constructor(db: GroupCommit, siteTime: { readonly seenMs: number }) {
    this.#db = db;
    this.#siteTime = siteTime;
  }

  /** Sets a mark when the newest one is six hours old; those older than `keepDays` go. */
  async mark(keepDays: number): Promise<void> {
    const { seenMs } = this.#siteTime;
    const newest = this.#db.sql
      .prepare<[], number | null>('SELECT max(seen_ms) FROM retention_mark')
      .pluck()
      .get();
    if (typeof newest === 'number' && seenMs - newest < MARK_EVERY_MS) return;
    await this.#db.commit((sql) => {
      sql
        .prepare('INSERT OR REPLACE INTO retention_mark (seen_ms, rows) VALUES (?, ?)')
        .run(seenMs, JSON.stringify(newestRows(sql)));
      sql.prepare('DELETE FROM retention_mark WHERE seen_ms < ?').run(seenMs - (keepDays + 1) * DAY_MS);
    });
  }

  /** The newest rows that are at least `days` old; null while the site has not seen so much time pass. */
  olderThan(days: number): MarkedRows | null {
    const rows = this.#db.sql
      .prepare<[number], string>(
        'SELECT rows FROM retention_mark WHERE seen_ms <= ? ORDER BY seen_ms DESC LIMIT 1',
      )
      .pluck()
      .get(this.#siteTime.seenMs - days * DAY_MS);
    return rows === undefined ? null : Rows.parse(JSON.parse(rows));
  }
}

function newestRows(sql: Database): MarkedRows {
  const newest = (table: string): number =>
    Number(sql.prepare<[], number | null>(`SELECT max(rowid) FROM ${table}`).pluck().get() ?? 0);
  return Rows.parse(Object.fromEntries(Object.entries(TABLES).map(([name, table]) => [name, newest(table)])));
}
