import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { basename, dirname, join, resolve, sep } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { SITE_DATABASE } from '#broker/persistence/site-folder.ts';
import { WatchpostError } from '#contract/errors.ts';
import { copySynced, syncPath } from './durable.ts';
import { type FileEntry, FORMAT, MANIFEST_FILE, type Manifest, sha256Of } from './manifest.ts';
import { bytesOf, databaseFile, openForReading, requireRoom } from './site-files.ts';
import { packTar } from './tar.ts';

export interface BackupRequest {
  readonly dataDir: string;
  /** A folder, in which the backup gets one of its own, or a `.tar` file that is not there yet. */
  readonly to: string;
  /** The site configuration, of which the hash is kept. */
  readonly configFile: string | null;
  readonly nowMs: number;
  readonly onProgress: (progress: BackupProgress) => void;
}

export interface BackupProgress {
  readonly part: 'database' | 'evidence' | 'verify';
  readonly done: number;
  readonly of: number;
}

export interface MadeBackup {
  readonly path: string;
  readonly manifestSha256: string;
  readonly bytes: number;
  readonly files: number;
  readonly manifest: Manifest;
}

interface EvidenceFile {
  readonly source: string;
  readonly blob_id: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Pages copied before the thread looks up: 2 MiB. */
const PAGES_A_STEP = 512;
const SPARE_BYTES = 16 * 1024 * 1024;

/**
 * Copies a site while it runs into one unit that can be checked: database, evidence, manifest with SHA-256 of each.
 * The database is copied page by page from one read transaction: the broker goes on writing behind it and nobody waits
 * for anybody; its log grows by what is written meanwhile. The unit has its name only when all of it is on the disk and
 * the copy has passed SQLite's integrity check. Throws WP3602, WP3608, WP3003, WP5006.
 */
export async function makeBackup(request: BackupRequest): Promise<MadeBackup> {
  const target = await targetOf(request);
  // What is copied can wait; alarms cannot.
  setPriority(10);
  const parts = await mkdirDraft(target);
  try {
    const made = await fillUnit(parts, request);
    await place(parts, target);
    return { ...made, path: target.path };
  } finally {
    rmSync(parts.draft, { recursive: true, force: true });
  }
}

interface Target {
  readonly kind: 'folder' | 'tar';
  readonly path: string;
  readonly parent: string;
  /** Name of the unit, also within a tar. */
  readonly name: string;
}

async function targetOf({ to, dataDir, nowMs }: BackupRequest): Promise<Target> {
  const name = `watchpost-${new Date(nowMs).toISOString().replaceAll(':', '-').slice(0, 19)}Z`;
  const kind = to.endsWith('.tar') ? 'tar' : 'folder';
  const parent = kind === 'tar' ? dirname(resolve(to)) : resolve(to);
  const path = kind === 'tar' ? resolve(to) : join(parent, name);
  if (!existsSync(databaseFile(dataDir)))
    throw new WatchpostError('WP5006', { detail: databaseFile(dataDir) });
  const inside = new WatchpostError('WP3602', { detail: `${parent} is in the data folder` });
  // Before a folder is made there; links are followed once it is.
  if (isWithin(parent, resolve(dataDir))) throw inside;
  try {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    if (isWithin(await realpath(parent), await realpath(dataDir))) throw inside;
  } catch (cause) {
    if (cause instanceof WatchpostError) throw cause;
    throw new WatchpostError('WP3602', { detail: String(cause), cause });
  }
  if (existsSync(path)) throw new WatchpostError('WP3602', { detail: `${path} is there already` });
  return { kind, path, parent, name };
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}${sep}`);

interface Draft {
  readonly draft: string;
  readonly unit: string;
}

/** Beside the target, so that renaming is enough. What a run that was killed has left goes. */
async function mkdirDraft({ parent, name }: Target): Promise<Draft> {
  for (const entry of readdirSync(parent)) {
    const [, pid] = /^\.watchpost-backup-(\d+)$/.exec(entry) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      rmSync(join(parent, entry), { recursive: true, force: true });
    }
  }
  const draft = join(parent, `.watchpost-backup-${process.pid}`);
  const unit = join(draft, name);
  try {
    mkdirSync(unit, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new WatchpostError('WP3602', { detail: String(cause), cause });
  }
  return { draft, unit };
}

async function fillUnit({ unit }: Draft, request: BackupRequest): Promise<Omit<MadeBackup, 'path'>> {
  const { dataDir, onProgress } = request;
  await requireRoom(unit, bytesOf(databaseFile(dataDir)) + SPARE_BYTES);
  const copy = join(unit, SITE_DATABASE);
  await copyDatabase(dataDir, copy, (done, of) => onProgress({ part: 'database', done, of }));
  const sql = new Sqlite(copy);
  try {
    // One file, without a log beside it.
    sql.pragma('journal_mode = DELETE');
    const evidence = await copyEvidence(sql, unit, request);
    onProgress({ part: 'verify', done: 0, of: 1 });
    verifyCopy(sql);
    const facts = factsOf(sql);
    sql.close();
    await syncPath(copy);
    const database = { path: SITE_DATABASE, bytes: bytesOf(copy), sha256: await sha256Of(copy) };
    return writeManifest(unit, request, { ...facts, files: [database, ...evidence] });
  } finally {
    sql.close();
  }
}

/** From one snapshot: what is written meanwhile neither restarts nor disturbs the copy. */
async function copyDatabase(
  dataDir: string,
  copy: string,
  onProgress: (done: number, of: number) => void,
): Promise<void> {
  const source = openForReading(dataDir);
  try {
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM sqlite_master').get();
    await source.backup(copy, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress(totalPages - remainingPages, totalPages);
        return PAGES_A_STEP;
      },
    });
  } finally {
    source.close();
  }
}

/** Whole evidence of the copied rows. What retention erased since the snapshot is noted as erased in the copy. */
async function copyEvidence(
  sql: Database,
  unit: string,
  { dataDir, onProgress }: BackupRequest,
): Promise<FileEntry[]> {
  const rows = sql
    .prepare<[], EvidenceFile>("SELECT source, blob_id, bytes, sha256 FROM evidence WHERE state = 'complete'")
    .all();
  await requireRoom(
    unit,
    rows.reduce((sum, { bytes }) => sum + bytes, SPARE_BYTES),
  );
  const erase = sql.prepare("UPDATE evidence SET state = 'erased' WHERE source = ? AND blob_id = ?");
  const entries: FileEntry[] = [];
  for (const [index, row] of rows.entries()) {
    const path = ['evidence', ...row.source.split('/').slice(2), row.blob_id].join('/');
    const from = join(dataDir, path);
    const to = join(unit, path);
    if (!existsSync(from)) {
      erase.run(row.source, row.blob_id);
      continue;
    }
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    await copySynced(from, to);
    const sha256 = await sha256Of(to);
    if (sha256 !== row.sha256) {
      throw new WatchpostError('WP3003', {
        detail: `${path} is not what was received`,
        hint: 'Run `watchpost broker check` for all that is wrong, then remove the file and back up again.',
      });
    }
    entries.push({ path, bytes: row.bytes, sha256 });
    onProgress({ part: 'evidence', done: index + 1, of: rows.length });
  }
  return entries;
}

function verifyCopy(sql: Database): void {
  const found = sql.prepare<[], string>('PRAGMA integrity_check').pluck().all();
  if (found.length !== 1 || found[0] !== 'ok') {
    throw new WatchpostError('WP3003', { detail: `the copy: ${found.slice(0, 3).join('; ')}` });
  }
}

/** The configuration is the one with which the broker has started last, unless its file is named. */
function factsOf(sql: Database): Pick<Manifest, 'ledgerId' | 'schema' | 'configSha256'> {
  const ledgerId = sql.prepare<[], string>("SELECT value FROM meta WHERE key = 'ledgerId'").pluck().get();
  const schema = sql
    .prepare<[], number>('SELECT number FROM schema_migrations ORDER BY number')
    .pluck()
    .all();
  const configSha256 = sql
    .prepare<[], string | null>(
      "SELECT detail ->> '$.configSha256' FROM audit WHERE action = 'site.started' ORDER BY row DESC LIMIT 1",
    )
    .pluck()
    .get();
  return { ledgerId: ledgerId ?? null, schema, configSha256: configSha256 ?? null };
}

async function writeManifest(
  unit: string,
  { nowMs, configFile }: BackupRequest,
  facts: Pick<Manifest, 'ledgerId' | 'schema' | 'files' | 'configSha256'>,
): Promise<Omit<MadeBackup, 'path'>> {
  const manifest: Manifest = {
    ...{ format: FORMAT, version: 1, madeAt: new Date(nowMs).toISOString() },
    ...facts,
    configSha256: configFile === null ? facts.configSha256 : await sha256Of(configFile),
  };
  const file = join(unit, MANIFEST_FILE);
  writeFileSync(file, `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600, flush: true });
  await syncFolders(unit);
  const bytes = manifest.files.reduce((sum, entry) => sum + entry.bytes, 0);
  return { manifest, manifestSha256: await sha256Of(file), bytes, files: manifest.files.length };
}

async function syncFolders(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) await syncFolders(path);
  }
  await syncPath(folder);
}

/** Now it is whole: under its own name. */
async function place({ draft, unit }: Draft, { kind, path, parent }: Target): Promise<void> {
  try {
    if (kind === 'tar') {
      const packed = join(draft, 'unit.tar');
      await packTar(packed, dirname(unit), basename(unit));
      await syncPath(packed);
      renameSync(packed, path);
    } else renameSync(unit, path);
    await syncPath(parent);
  } catch (cause) {
    if (cause instanceof WatchpostError) throw cause;
    throw new WatchpostError('WP3602', { detail: String(cause), cause });
  }
}
