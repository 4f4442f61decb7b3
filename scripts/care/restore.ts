import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { RESTORING_FILE, SITE_DATABASE, SiteFolder } from '#broker/persistence/site-folder.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { copySynced, syncPath } from './durable.ts';
import { databaseFile, requireRoom } from './site-files.ts';
import { type CheckedUnit, openUnit } from './unit.ts';

export interface RestoreRequest {
  readonly from: string;
  readonly dataDir: string;
  readonly existing: 'refuse' | 'set-aside';
  readonly clock: Clock;
}

export interface Restored {
  readonly madeAt: string;
  readonly files: number;
  /** The folder with what was there before, or null. */
  readonly setAside: string | null;
}

/** What belongs to a site's past. `tls/`, `admin.token` and the lock belong to the machine and stay. */
const isOfTheSite = (name: string): boolean =>
  name.startsWith(SITE_DATABASE) || name === 'evidence' || name === RESTORING_FILE;

/**
 * Puts a backup in the place of a site. It is held against its manifest before anything is touched; while files move, a
 * mark keeps brokers from starting (WP3605). The ledger gets a new name at its next start, because its stamp is gone:
 * devices then offer again what they keep. Throws WP3600, WP3601, WP3603, WP3608, WP5007, WP5008.
 */
export async function restoreBackup(request: RestoreRequest): Promise<Restored> {
  const { from, dataDir, existing } = request;
  const folder = new SiteFolder(dataDir);
  folder.lock();
  try {
    const isThere = readdirSync(dataDir).some(isOfTheSite);
    if (isThere && existing === 'refuse') throw new WatchpostError('WP3603', { detail: dataDir });
    const unit = await openUnit(from, dirname(resolve(dataDir)));
    try {
      await requireRoom(
        dataDir,
        unit.manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      return await replaceSite(unit, request);
    } finally {
      unit.release();
    }
  } finally {
    folder.close();
  }
}

async function replaceSite(unit: CheckedUnit, { dataDir, clock }: RestoreRequest): Promise<Restored> {
  const mark = join(dataDir, RESTORING_FILE);
  writeFileSync(mark, JSON.stringify({ madeAt: unit.manifest.madeAt }), { mode: 0o600, flush: true });
  await syncPath(dataDir);
  const setAside = setSiteAside(dataDir, clock);
  for (const { path } of unit.manifest.files) {
    const to = join(dataDir, path);
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    await copySynced(join(unit.folder, path), to);
    await syncPath(dirname(to));
  }
  noteRestored(unit, databaseFile(dataDir), clock);
  await syncPath(databaseFile(dataDir));
  rmSync(mark);
  await syncPath(dataDir);
  const { madeAt, files } = unit.manifest;
  return { madeAt, files: files.length, setAside };
}

function setSiteAside(dataDir: string, clock: Clock): string | null {
  const old = readdirSync(dataDir).filter((name) => isOfTheSite(name) && name !== RESTORING_FILE);
  if (old.length === 0) return null;
  const stamp = new Date(clock.wallMs()).toISOString().replaceAll(':', '-');
  const aside = join(dataDir, `replaced-${stamp}`);
  mkdirSync(aside, { mode: 0o700 });
  for (const name of old) renameSync(join(dataDir, name), join(aside, name));
  return aside;
}

/** The broker's next start takes this into the audit chain (broker/care.ts): the schema may be an older one here. */
function noteRestored({ manifest, manifestSha256 }: CheckedUnit, file: string, clock: Clock): void {
  const sql = new Sqlite(file);
  try {
    const found = sql.prepare<[], string>('PRAGMA integrity_check').pluck().all();
    if (found[0] !== 'ok') throw new WatchpostError('WP3600', { detail: found.slice(0, 3).join('; ') });
    const restored = { at: new Date(clock.wallMs()).toISOString(), madeAt: manifest.madeAt, manifestSha256 };
    sql.prepare("REPLACE INTO meta (key, value) VALUES ('restored', ?)").run(JSON.stringify(restored));
  } finally {
    sql.close();
  }
}
