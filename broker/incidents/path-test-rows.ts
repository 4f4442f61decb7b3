import type { Database } from 'better-sqlite3';
import type { PathTest } from '#contract/http.ts';
import type { DeviceAddress } from '#contract/names.ts';

/** Test alarms kept for each device. */
const KEPT = 32;

const COLUMNS = `event_id AS eventId, cause, raised_at AS raisedAt, received_at AS receivedAt,
  receipted_at AS receiptedAt, sent_ms AS sentMs, received_ms AS receivedMs`;

export interface NewPathTest extends DeviceAddress {
  readonly eventId: string;
  readonly cause: string;
  readonly raisedAt: string;
  readonly receivedAt: string;
}

export function insertPathTest(sql: Database, test: NewPathTest): void {
  const { site, device } = test;
  sql
    .prepare(
      `INSERT OR IGNORE INTO path_test (site, device, event_id, cause, raised_at, received_at)
       VALUES (@site, @device, @eventId, @cause, @raisedAt, @receivedAt)`,
    )
    .run(test);
  sql
    .prepare(
      `DELETE FROM path_test WHERE site = @site AND device = @device AND row <= (SELECT row FROM path_test
       WHERE site = @site AND device = @device ORDER BY row DESC LIMIT 1 OFFSET ${KEPT})`,
    )
    .run({ site, device });
}

/** Newest first. */
export const listPathTests = (sql: Database, { site, device }: DeviceAddress, limit: number): PathTest[] =>
  sql
    .prepare<[string, string, number], PathTest>(
      `SELECT ${COLUMNS} FROM path_test WHERE site = ? AND device = ? ORDER BY row DESC LIMIT ?`,
    )
    .all(site, device, limit);

export function redatePathTest(sql: Database, eventId: string, raisedAt: string): void {
  sql.prepare('UPDATE path_test SET raised_at = ? WHERE event_id = ?').run(raisedAt, eventId);
}

export function recordReceipted(sql: Database, eventId: string, at: string): void {
  sql
    .prepare('UPDATE path_test SET receipted_at = ? WHERE event_id = ? AND receipted_at IS NULL')
    .run(at, eventId);
}

/** What the device says it took; only of a test of its own. */
export function recordMeasured(
  sql: Database,
  { site, device }: DeviceAddress,
  measured: { testId: string; sentMs: number; receivedMs: number },
): void {
  sql
    .prepare(
      `UPDATE path_test SET sent_ms = @sentMs, received_ms = @receivedMs
       WHERE event_id = @testId AND site = @site AND device = @device`,
    )
    .run({ ...measured, site, device });
}

export interface WatchRow extends DeviceAddress {
  readonly since_ran_ms: number;
  readonly missed_at: string | null;
}

export const readWatches = (sql: Database): WatchRow[] =>
  sql.prepare<[], WatchRow>('SELECT site, device, since_ran_ms, missed_at FROM path_watch').all();

/** Counts anew from here; a fault that was declared is over. */
export function watchFrom(sql: Database, { site, device }: DeviceAddress, sinceRanMs: number): void {
  sql
    .prepare('REPLACE INTO path_watch (site, device, since_ran_ms, missed_at) VALUES (?, ?, ?, NULL)')
    .run(site, device, sinceRanMs);
}

export function recordMissed(sql: Database, { site, device }: DeviceAddress, at: string): void {
  sql.prepare('UPDATE path_watch SET missed_at = ? WHERE site = ? AND device = ?').run(at, site, device);
}

/** Whether somebody's call for help from this device is open: the device tests nothing beside it. */
export const hasOpenCall = (sql: Database, { site, device }: DeviceAddress): boolean =>
  sql
    .prepare(
      `SELECT 1 FROM incident WHERE site = ? AND device = ? AND topic IN ('panic', 'duress')
       AND state NOT IN ('resolved', 'reviewed') LIMIT 1`,
    )
    .get(site, device) !== undefined;
