import type { Database } from 'better-sqlite3';
import type { BundleItem } from '#contract/fleet.ts';
import { addressOfClientId, clientIdOf } from '#contract/names.ts';

interface BundleRow {
  readonly sha256: string;
  readonly digest: string;
  readonly site: string;
  readonly device: string;
  readonly generation: number;
  readonly agent: string;
  readonly bytes: number;
  readonly expires_at: string;
  readonly uploaded_at: string;
  readonly uploaded_by: string;
}

export function insertBundle(sql: Database, item: BundleItem): void {
  const address = addressOfClientId(item.device);
  sql
    .prepare(
      `INSERT OR IGNORE INTO bundle
         (sha256, digest, site, device, generation, agent, bytes, expires_at, uploaded_at, uploaded_by)
       VALUES (@sha256, @digest, @site, @device, @generation, @agent, @bytes, @expiresAt, @uploadedAt, @uploadedBy)`,
    )
    .run({ ...item, site: address?.site, device: address?.device });
}

/** By device and generation. */
export const listBundles = (sql: Database): BundleItem[] =>
  sql
    .prepare<[], BundleRow>('SELECT * FROM bundle ORDER BY site, device, generation, sha256')
    .all()
    .map(itemOf);

export function readBundle(sql: Database, sha256: string): BundleItem | null {
  const row = sql.prepare<[string], BundleRow>('SELECT * FROM bundle WHERE sha256 = ?').get(sha256);
  return row === undefined ? null : itemOf(row);
}

export function deleteBundle(sql: Database, sha256: string): void {
  sql.prepare('DELETE FROM bundle WHERE sha256 = ?').run(sha256);
}

const itemOf = (row: BundleRow): BundleItem => ({
  sha256: row.sha256,
  digest: row.digest,
  device: clientIdOf(row),
  generation: row.generation,
  agent: row.agent,
  bytes: row.bytes,
  expiresAt: row.expires_at,
  uploadedAt: row.uploaded_at,
  uploadedBy: row.uploaded_by,
});
