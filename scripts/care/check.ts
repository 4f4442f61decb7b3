import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Database } from 'better-sqlite3';
import { verifyChain } from '#broker/persistence/ledger/audit-log.ts';
import { RESTORING_FILE } from '#broker/persistence/site-folder.ts';
import { shippedMigrations } from '#broker/persistence/store/migrate.ts';
import { invariants } from './invariants.ts';
import { sha256Of } from './manifest.ts';
import { openForReading } from './site-files.ts';

/** One thing that was looked at. */
export interface CheckResult {
  readonly check: string;
  readonly ok: boolean;
  /** How much was looked at, or what is wrong. */
  readonly detail: string;
  /** What to do; null where nothing is wrong. */
  readonly remedy: string | null;
}

export interface CheckRequest {
  readonly dataDir: string;
  /** Evidence is read and hashed, not only counted. */
  readonly depth: 'sizes' | 'hashes';
  readonly onResult: (result: CheckResult) => void;
}

const RESTORE =
  'Restore the newest good backup (watchpost broker restore); devices offer again what they keep.';
/** Named in one finding. */
const SHOWN = 5;

/**
 * Reads all of a site's data beside a broker that may be running, from one snapshot, and changes nothing. Answers whether
 * everything is as it should be. Throws WP5006 or WP300x when the database cannot be read at all.
 */
export async function checkSite({ dataDir, depth, onResult }: CheckRequest): Promise<boolean> {
  const results: CheckResult[] = [];
  const tell = (result: CheckResult) => {
    results.push(result);
    onResult(result);
  };
  const sql = openForReading(dataDir);
  try {
    sql.exec('BEGIN');
    tell(checkFolder(dataDir));
    for (const check of [checkIntegrity, checkForeignKeys, checkSchema]) tell(check(sql));
    if (results.every(({ ok }) => ok)) {
      for (const result of invariants(sql)) tell(result);
      tell(checkAudit(sql));
      tell(await checkEvidence(sql, dataDir, depth));
    }
  } finally {
    sql.close();
  }
  return results.every(({ ok }) => ok);
}

function checkFolder(dataDir: string): CheckResult {
  const check = 'folder';
  if (!existsSync(join(dataDir, RESTORING_FILE))) return good(check, dataDir);
  return bad(
    check,
    'a restore was begun and not ended',
    'Run watchpost broker restore again, with --replace.',
  );
}

function checkIntegrity(sql: Database): CheckResult {
  const check = 'integrity';
  const found = sql.prepare<[], string>('PRAGMA integrity_check(20)').pluck().all();
  const pages = Number(sql.pragma('page_count', { simple: true }));
  if (found.length === 1 && found[0] === 'ok') return good(check, `${pages} pages`);
  return bad(check, found.slice(0, SHOWN).join('; '), RESTORE);
}

function checkForeignKeys(sql: Database): CheckResult {
  const check = 'foreign-keys';
  const broken = sql.prepare<[], { table: string; parent: string }>('PRAGMA foreign_key_check').all();
  if (broken.length === 0) return good(check, 'every reference leads somewhere');
  const named = broken.slice(0, SHOWN).map(({ table, parent }) => `${table} → ${parent}`);
  return bad(check, `${broken.length} rows refer to nothing: ${named.join(', ')}`, RESTORE);
}

function checkSchema(sql: Database): CheckResult {
  const check = 'schema';
  const applied = sql.prepare<[], number>('SELECT number FROM schema_migrations').pluck().all();
  const known = shippedMigrations().map(({ number }) => number);
  const newer = applied.filter((number) => !known.includes(number));
  if (newer.length > 0) {
    return bad(check, `unknown migrations ${newer.join(', ')}`, 'Check it with the version that wrote it.');
  }
  const missing = known.filter((number) => !applied.includes(number));
  if (missing.length === 0) return good(check, `${applied.length} migrations`);
  return bad(
    check,
    `written by an earlier version: ${missing.length} migrations are missing`,
    'Start the broker once: it makes a copy and brings the database up to date. Then check again.',
  );
}

function checkAudit(sql: Database): CheckResult {
  const check = 'audit';
  const verdict = verifyChain(sql);
  if (verdict.ok) return good(check, `${verdict.head.row} rows, head ${verdict.head.hash}`);
  return bad(
    check,
    `row ${verdict.row}: ${verdict.reason}`,
    'Keep the database as it is, and find out who could write to it.',
  );
}

interface EvidenceRow {
  readonly source: string;
  readonly blob_id: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Retention may erase while we look: a file that is gone is looked up again in the database as it is now. */
async function checkEvidence(
  sql: Database,
  dataDir: string,
  depth: 'sizes' | 'hashes',
): Promise<CheckResult> {
  const check = 'evidence';
  const rows = sql
    .prepare<[], EvidenceRow>("SELECT source, blob_id, bytes, sha256 FROM evidence WHERE state = 'complete'")
    .all();
  const wrong: string[] = [];
  for (const row of rows) {
    const fault = await faultOf(row, dataDir, depth);
    if (fault !== null && isStillThere(dataDir, row)) wrong.push(fault);
  }
  if (wrong.length > 0) {
    const detail = `${wrong.length} of ${rows.length}: ${wrong.slice(0, SHOWN).join('; ')}`;
    return bad(check, detail, 'Copy these files from a backup into evidence/; without one they are lost.');
  }
  const strays = strayFiles(rows, dataDir);
  const also = strays.length === 0 ? '' : `; ${strays.length} files belong to nothing, such as ${strays[0]}`;
  return good(check, `${rows.length} files${depth === 'hashes' ? ', each hashed' : ''}${also}`);
}

async function faultOf(row: EvidenceRow, dataDir: string, depth: 'sizes' | 'hashes'): Promise<string | null> {
  const path = pathOf(row);
  const stat = statSync(join(dataDir, path), { throwIfNoEntry: false });
  if (stat === undefined) return `${path} is missing`;
  if (stat.size !== row.bytes) return `${path} has ${stat.size} of ${row.bytes} bytes`;
  if (depth === 'sizes') return null;
  return (await sha256Of(join(dataDir, path))) === row.sha256 ? null : `${path} is not what was received`;
}

function isStillThere(dataDir: string, { source, blob_id }: EvidenceRow): boolean {
  const sql = openForReading(dataDir);
  try {
    const state = sql
      .prepare<[string, string], string>('SELECT state FROM evidence WHERE source = ? AND blob_id = ?')
      .pluck()
      .get(source, blob_id);
    return state === 'complete';
  } finally {
    sql.close();
  }
}

/** Younger ones may be on their way into the database. */
function strayFiles(rows: readonly EvidenceRow[], dataDir: string): string[] {
  const folder = join(dataDir, 'evidence');
  if (!existsSync(folder)) return [];
  const known = new Set(rows.map(pathOf));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (file) => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 3_600_000,
    )
    .map((file) => relative(dataDir, file))
    .filter((path) => !known.has(path));
}

const pathOf = ({ source, blob_id }: EvidenceRow): string =>
  ['evidence', ...source.split('/').slice(2), blob_id].join('/');

const good = (check: string, detail: string): CheckResult => ({ check, ok: true, detail, remedy: null });
const bad = (check: string, detail: string, remedy: string): CheckResult => ({
  check,
  ok: false,
  detail,
  remedy,
});
