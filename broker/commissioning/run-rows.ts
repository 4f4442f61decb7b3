import type { Database } from 'better-sqlite3';
import { Run } from '#contract/commission/run.ts';
import type { DeviceAddress } from '#contract/names.ts';

interface Row extends DeviceAddress {
  readonly row: number;
  readonly id: string;
  readonly run: string;
  readonly certificate: string | null;
}

export interface StoredRun {
  readonly address: DeviceAddress;
  readonly run: Run;
  /** The certificate's file, once it is signed. */
  readonly certificate: string | null;
  readonly row: number;
}

export function insertRun(sql: Database, { site, device }: DeviceAddress, run: Run): void {
  sql
    .prepare('INSERT INTO commissioning (id, site, device, state, run) VALUES (?, ?, ?, ?, ?)')
    .run(run.id, site, device, run.state, JSON.stringify(run));
}

export function updateRun(sql: Database, run: Run, certificate: string | null = null): void {
  sql
    .prepare(
      'UPDATE commissioning SET state = ?, run = ?, certificate = coalesce(?, certificate) WHERE id = ?',
    )
    .run(run.state, JSON.stringify(run), certificate, run.id);
}

export function readRun(sql: Database, id: string): StoredRun | null {
  const row = sql.prepare<[string], Row>('SELECT * FROM commissioning WHERE id = ?').get(id);
  return row === undefined ? null : storedOf(row);
}

export const openRuns = (sql: Database): StoredRun[] =>
  sql.prepare<[], Row>("SELECT * FROM commissioning WHERE state = 'open'").all().map(storedOf);

/** Newest first, older than row `before`; of one device, or of all. */
export function listRuns(
  sql: Database,
  { device, before, limit }: { device: DeviceAddress | null; before: number; limit: number },
): StoredRun[] {
  return sql
    .prepare<{ site: string | null; device: string | null; before: number; limit: number }, Row>(
      `SELECT * FROM commissioning
       WHERE row < @before AND (@site IS NULL OR (site = @site AND device = @device)) ORDER BY row DESC LIMIT @limit`,
    )
    .all({ site: device?.site ?? null, device: device?.device ?? null, before, limit })
    .map(storedOf);
}

/** Tests of this device that nobody has resolved yet: ids of incidents. */
export const openTests = (sql: Database, { site, device }: DeviceAddress): string[] =>
  sql.prepare<[string, string], string>(`${OPEN_INCIDENTS} AND test = 1`).pluck().all(site, device);

/** Calls for help of this device that are real: ids of incidents. */
export const openCalls = (sql: Database, { site, device }: DeviceAddress): string[] =>
  sql
    .prepare<[string, string], string>(`${OPEN_INCIDENTS} AND test = 0 AND topic IN ('panic', 'duress')`)
    .pluck()
    .all(site, device);

const OPEN_INCIDENTS =
  "SELECT id FROM incident WHERE site = ? AND device = ? AND state NOT IN ('resolved', 'reviewed')";

const storedOf = ({ row, site, device, run, certificate }: Row): StoredRun => ({
  ...{ row, certificate, address: { site, device }, run: Run.parse(JSON.parse(run)) },
});
