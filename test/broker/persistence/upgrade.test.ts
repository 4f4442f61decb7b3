import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Sqlite, { type Database } from 'better-sqlite3';
import t from 'tap';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import { shippedMigrations } from '#broker/persistence/store/migrate.ts';
import { startBroker } from '#test/support/broker-process.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog, temporaryFolder } from '#test/support/site-database.ts';

const FIXTURES = new URL('./fixtures/', import.meta.url).pathname;
const fixtures = readdirSync(FIXTURES).filter((name) => name.endsWith('.db.gz'));
/** In which order migrations came into the world, as far as no fixture of them was kept. */
const HISTORY = [[1], [100, 101, 102], [2], [3, 4], [103], [5]];

type Row = Record<string, unknown>;
const tablesOf = (sql: Database): string[] =>
  sql
    .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .pluck()
    .all();
const rowsOf = (sql: Database, table: string): Row[] => sql.prepare<[], Row>(`SELECT * FROM ${table}`).all();

function reading<T>(file: string, read: (sql: Database) => T): T {
  const sql = new Sqlite(file);
  try {
    return read(sql);
  } finally {
    sql.close();
  }
}

const allOf = (file: string): Map<string, Row[]> =>
  reading(file, (sql) => new Map(tablesOf(sql).map((table) => [table, rowsOf(sql, table)])));

async function upgrade(path: string): Promise<void> {
  const db = new SiteDatabase({ path, clock: new ManualClock(), log: silentLog });
  db.start();
  await db.close();
}

/** Every row of every table is there after the upgrade, in the columns that both have. */
function judgeRows(
  t: { same: (found: unknown, wanted: unknown, message: string) => unknown },
  before: Map<string, Row[]>,
  after: Map<string, Row[]>,
): void {
  for (const [table, rows] of before) {
    // People sign in again after 0104: its sessions know more than those before it did.
    if (table === 'session') continue;
    const now = after.get(table);
    if (table === 'mqtt_outgoing' && rows[0] !== undefined && 'client' in rows[0]) {
      // In sessions of their own now (0010): each message in its client's.
      const sessions = new Map(after.get('mqtt_session')?.map(({ id, client }) => [id, client]));
      const named = now?.map(({ session, topic }) => `${sessions.get(session)} ${topic}`);
      t.same(named?.sort(), rows.map(({ client, topic }) => `${client} ${topic ?? ''}`).sort(), table);
      continue;
    }
    const shared = Object.keys(rows[0] ?? {}).filter((column) => now?.[0] === undefined || column in now[0]);
    const keyed = (list: readonly Row[]) =>
      list.map((row) => JSON.stringify(shared.map((column) => row[column]))).sort();
    const wanted = keyed(rows);
    const kept = new Set(keyed(now ?? []));
    t.same(
      wanted.filter((row) => !kept.has(row)),
      [],
      `${table}: ${rows.length} rows`,
    );
  }
}

t.ok(fixtures.length > 0, 'there are fixtures');

for (const name of fixtures) {
  t.test(`${name}: every row survives, a whole copy was made before, and the site serves it`, async (t) => {
    const data = join(temporaryFolder(t), 'site');
    mkdirSync(data);
    const file = join(data, 'site.db');
    writeFileSync(file, gunzipSync(readFileSync(join(FIXTURES, name))));
    const before = allOf(file);
    await upgrade(file);
    judgeRows(t, before, allOf(file));
    const copies = join(data, 'backups');
    const isCurrent = before.get('schema_migrations')?.length === shippedMigrations().length;
    if (!isCurrent) {
      const [copy = '', ...more] = readdirSync(copies);
      t.same(more, [], 'one copy, and nothing half');
      t.same([...allOf(join(copies, copy))], [...before], 'the copy is what was there');
      t.equal(
        reading(join(copies, copy), (sql) => sql.pragma('integrity_check', { simple: true })),
        'ok',
      );
    }
    const broker = await startBroker(t, data);
    const ask = async (path: string): Promise<Row[]> => {
      const headers = { authorization: `Bearer ${broker.token}` };
      const answer = await fetch(`${broker.http}/api/v1/${path}`, { headers });
      return Object(await answer.json()).items;
    };
    const ids = (before.get('ledger_event') ?? []).map(({ id }) => id);
    const events = (await ask('events?limit=1000')).map(({ id }) => id);
    t.same(
      ids.filter((id) => !events.includes(id)),
      [],
      'every event is listed',
    );
    const incidents = (await ask('incidents?limit=1000')).map(({ id }) => id);
    t.same(
      (before.get('incident') ?? []).filter(({ id }) => !incidents.includes(id)),
      [],
      'every incident',
    );
    await broker.stop();
  });
}

t.test('every schema on the way there is upgraded with the rows that it had', async (t) => {
  const folder = temporaryFolder(t);
  const [oldest = ''] = fixtures.toSorted();
  const source = join(folder, 'source.db');
  writeFileSync(source, gunzipSync(readFileSync(join(FIXTURES, oldest))));
  const had = allOf(source);
  for (let steps = 1; steps <= HISTORY.length; steps += 1) {
    const numbers = HISTORY.slice(0, steps).flat();
    const path = join(folder, `${steps}`, 'site.db');
    mkdirSync(join(folder, `${steps}`));
    const migrations = shippedMigrations().filter(({ number }) => numbers.includes(number));
    const db = new SiteDatabase({ path, clock: new ManualClock(), log: silentLog, migrations });
    db.start();
    db.sql.exec('PRAGMA foreign_keys = OFF');
    await db.commit((sql) => copyRows(sql, had));
    await db.close();
    const before = allOf(path);
    await upgrade(path);
    judgeRows(t, before, allOf(path));
  }
});

/** The rows that the code of the time wrote, into the tables that there were by then. */
function copyRows(sql: Database, had: Map<string, Row[]>): void {
  for (const table of tablesOf(sql).filter((each) => each !== 'schema_migrations')) {
    for (const row of had.get(table) ?? []) {
      const columns = Object.keys(row);
      const places = columns.map(() => '?').join(', ');
      sql.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`).run(Object.values(row));
    }
  }
}

t.test('copies made before migrations do not pile up', async (t) => {
  const path = join(temporaryFolder(t), 'site.db');
  const steps = Array.from({ length: 8 }, (_, index) => ({
    ...{ number: index + 1, name: `step-${index}`, sql: `CREATE TABLE t${index} (a)` },
  }));
  for (let count = 1; count <= steps.length; count += 1) {
    await memoryDatabase(t, { path, migrations: steps.slice(0, count) }).close();
  }
  const copies = readdirSync(join(path, '..', 'backups')).sort();
  t.same(copies, ['before-0006.db', 'before-0007.db', 'before-0008.db']);
});
