import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

export interface MigrateOptions {
  /** Path of the database file, or `:memory:`, which needs no copy. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
}

const COPIES_KEPT = 3;
const FOLDER = fileURLToPath(new URL('../migrations/', import.meta.url));

/** The steps in the order of their numbers. Numbers may have gaps; each is applied once, whenever it comes. */
export function shippedMigrations(folder = FOLDER): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      number: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      sql: readFileSync(join(folder, file), 'utf8'),
    }));
}

/**
 * Applies what is missing, each step in a transaction of its own together with its record, after a copy of the
 * database (`backups/before-NNNN.db` beside it). Throws WP3005 when the database knows a step that we do not.
 */
export function migrate(sql: Database, migrations: readonly Migration[], options: MigrateOptions): void {
  sql.exec(
    'CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT',
  );
  const applied = new Set(sql.prepare<[], number>('SELECT number FROM schema_migrations').pluck().all());
  refuseNewer(applied, migrations);
  const pending = migrations.filter(({ number }) => !applied.has(number));
  const first = pending[0];
  if (first === undefined) return;
  if (applied.size > 0 && options.path !== ':memory:') backUp(sql, first, options);
  for (const migration of pending) apply(sql, migration, options);
}

function refuseNewer(applied: ReadonlySet<number>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map(({ number }) => number));
  const unknown = [...applied].filter((number) => !known.has(number));
  if (unknown.length === 0) return;
  throw new WatchpostError('WP3005', { detail: `unknown migrations ${unknown.join(', ')}` });
}

function backUp(sql: Database, first: Migration, { path, log }: MigrateOptions): void {
  const folder = join(dirname(path), 'backups');
  const copy = join(folder, `before-${String(first.number).padStart(4, '0')}.db`);
  mkdirSync(folder, { recursive: true });
  // Under its own name only when it is whole.
  const draft = `${copy}.part`;
  rmSync(draft, { force: true });
  sql.prepare('VACUUM INTO ?').run(draft);
  renameSync(draft, copy);
  removeOld(folder);
  log.info({ copy }, 'store.backed-up');
}

/** The newest few stay: each is as large as the database was. */
function removeOld(folder: string): void {
  const copies = readdirSync(folder)
    .filter((name) => /^before-\d{4}\.db$/.test(name))
    .map((name) => ({ file: join(folder, name), atMs: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs);
  for (const { file } of copies.slice(COPIES_KEPT)) rmSync(file);
}

function apply(sql: Database, { number, name, sql: step }: Migration, { clock, log }: MigrateOptions): void {
  try {
    sql.transaction(() => {
      sql.exec(step);
      sql
        .prepare('INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, ?)')
        .run(number, name, new Date(clock.wallMs()).toISOString());
    })();
  } catch (cause) {
    throw new WatchpostError('WP3006', { detail: `migration ${number} ${name}`, cause });
  }
  log.info({ number, name }, 'store.migrated');
}
