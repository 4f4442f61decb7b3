import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t, { type Test } from 'tap';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import type { Log } from '#contract/log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog, temporaryFolder } from '#test/support/site-database.ts';

const migrations = [
  { number: 1, name: 'start', sql: 'CREATE TABLE note (text TEXT NOT NULL UNIQUE) STRICT' },
];
const add = (text: string) => (sql: Sqlite.Database) => {
  sql.prepare('INSERT INTO note VALUES (?)').run(text);
};

/** A database with some hundred pages, as a clean end leaves it, and the stamp of a ledger beside it. */
async function lived(t: Test, mark = 'a'): Promise<string> {
  const path = join(temporaryFolder(t), 'site.db');
  const database = memoryDatabase(t, { path, migrations });
  for (let n = 0; n < 50; n += 1) await database.commit(add(`${mark} ${n} ${'x'.repeat(10_000)}`));
  await database.close();
  writeFileSync(`${path}.stamp`, '{}');
  return path;
}

/** The same with a log beside it, as a crash leaves it: copied while the database is open. */
async function crashed(t: Test, mark = 'a'): Promise<string> {
  const path = await lived(t, mark);
  const there = memoryDatabase(t, { path, migrations });
  for (let n = 0; n < 20; n += 1) await there.commit(add(`${mark} later ${n} ${'y'.repeat(10_000)}`));
  const copy = join(temporaryFolder(t), 'site.db');
  for (const suffix of ['', '-wal', '.stamp']) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  await there.close();
  return copy;
}

function start(path: string, log: Log = silentLog): SiteDatabase {
  const database = new SiteDatabase({ path, clock: new ManualClock(), log, migrations });
  database.start();
  return database;
}

const notes = ({ sql }: SiteDatabase) => Number(sql.prepare('SELECT count(*) FROM note').pluck().get());

t.test('what a crash leaves is checked, read back into the database, and goes on', async (t) => {
  const path = await crashed(t);
  const said: string[] = [];
  const log: Log = { ...silentLog, info: (_fields, event) => said.push(event) };
  const database = start(path, log);
  t.equal(notes(database), 70);
  t.ok(said.includes('store.checked'));
  const copy = join(temporaryFolder(t), 'site.db');
  copyFileSync(path, copy);
  const onlyFile = new Sqlite(copy, { readonly: true });
  t.equal(onlyFile.prepare('SELECT count(*) FROM note').pluck().get(), 70, 'nothing rests on the log');
  onlyFile.close();
  await database.close();
  said.length = 0;
  await start(path, log).close();
  t.notOk(said.includes('store.checked'), 'after a clean end there is nothing to check');
});

const DAMAGES: Record<string, (path: string) => void> = {
  'an empty file': (path) => truncateSync(path, 0),
  'a file of a few bytes': (path) => truncateSync(path, 60),
  'a file that was cut off': (path) => truncateSync(path, 40 * 4096),
  'a header of garbage': (path) => overwrite(path, 0, Buffer.alloc(100, 0xa5)),
  'a file of another kind': (path) => writeFileSync(path, 'no database, only text. '.repeat(1000)),
};

for (const [what, damage] of Object.entries(DAMAGES)) {
  t.test(`${what} is refused with WP3003, and nothing is changed`, async (t) => {
    const path = await lived(t);
    damage(path);
    const before = readFileSync(path);
    t.throws(() => start(path), { code: 'WP3003', hint: /Restore/ });
    t.ok(readFileSync(path).equals(before));
  });
}

t.test(
  'pages overwritten while the site was down are found after a crash, and nothing is changed',
  async (t) => {
    const path = await crashed(t);
    overwrite(path, 4096 * 3, Buffer.alloc(4096 * 4, 0xa5));
    const before = ['', '-wal'].map((suffix) => readFileSync(`${path}${suffix}`));
    t.throws(() => start(path), { code: 'WP3003' });
    const after = ['', '-wal'].map((suffix) => readFileSync(`${path}${suffix}`));
    t.same(
      after.map((bytes, index) => bytes.equals(before[index] ?? Buffer.alloc(0))),
      [true, true],
    );
  },
);

t.test('a database that is gone is not begun anew without a word', async (t) => {
  const path = await lived(t);
  rmSync(path);
  t.throws(() => start(path), { code: 'WP3012' });
  rmSync(`${path}.stamp`);
  const database = start(path);
  t.equal(notes(database), 0, 'but with nothing of it left it is a new one');
  await database.close();
});

t.test('the log of another database is refused, where it does not fit', async (t) => {
  const path = await crashed(t);
  const other = await crashed(t, 'other');
  const grown = memoryDatabase(t, { path: other, migrations });
  for (let n = 0; n < 60; n += 1) await grown.commit(add(`grown ${n} ${'z'.repeat(10_000)}`));
  copyFileSync(`${other}-wal`, `${path}-wal`);
  await grown.close();
  t.throws(() => start(path), { code: 'WP3003' });
});

t.test('without its log the database is whole, only older', async (t) => {
  const path = await crashed(t);
  rmSync(`${path}-wal`);
  const database = start(path);
  t.equal(notes(database), 50);
  t.equal(database.sql.pragma('integrity_check', { simple: true }), 'ok');
  await database.close();
});

t.test('the refusal names the newest copy', async (t) => {
  const path = await lived(t);
  const folder = join(path, '..', 'backups');
  mkdirSync(folder);
  writeFileSync(join(folder, 'before-0002.db'), 'copy');
  truncateSync(path, 0);
  t.throws(() => start(path), { code: 'WP3003', hint: /before-0002\.db/ });
});

t.test('a database above the limit is not checked at the start, which is said', async (t) => {
  const path = await crashed(t);
  const warned: string[] = [];
  const log: Log = { ...silentLog, warn: (_fields, event) => warned.push(event) };
  const database = new SiteDatabase({
    ...{ path, clock: new ManualClock(), log, migrations, limits: { walMiB: 16, startCheckMiB: 0 } },
  });
  database.start();
  t.same(warned, ['store.not-checked']);
  await database.close();
});

t.test('damage met in service is said until the end, and what can be stored is stored', async (t) => {
  const path = await lived(t);
  const database = start(path);
  const failed = database.commit(() => {
    throw new Sqlite.SqliteError('database disk image is malformed', 'SQLITE_CORRUPT');
  });
  await t.rejects(failed, { code: 'WP3003' });
  t.notOk(database.isTaking);
  await database.commit(add('an alarm'));
  t.notOk(database.isTaking, 'one that succeeds does not take it back');
  t.equal(notes(database), 51);
  await database.close();
});

function overwrite(path: string, at: number, bytes: Buffer): void {
  const whole = readFileSync(path);
  bytes.copy(whole, at);
  writeFileSync(path, whole);
}
