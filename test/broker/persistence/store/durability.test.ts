import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import t, { type Test } from 'tap';
import { SiteDatabase, type SiteDatabaseOptions } from '#broker/persistence/store/database.ts';
import { WalSync } from '#broker/persistence/store/wal-sync.ts';
import { WatchpostError } from '#contract/errors.ts';
import { HeldLog } from '#test/support/held-log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { fileDatabase, memoryDatabase, silentLog, temporaryFolder } from '#test/support/site-database.ts';

const migrations = [
  { number: 1, name: 'start', sql: 'CREATE TABLE note (text TEXT NOT NULL UNIQUE) STRICT' },
];
const add = (text: string) => (sql: Database) => {
  sql.prepare('INSERT INTO note VALUES (?)').run(text);
  return text;
};
const count = (database: SiteDatabase) =>
  Number(database.sql.prepare('SELECT count(*) FROM note').pluck().get());

function held(t: Test, options: Partial<SiteDatabaseOptions> = {}) {
  const log = new HeldLog();
  const clock = new ManualClock();
  const lost: string[] = [];
  const database = fileDatabase(t, {
    ...{ migrations, clock, openLog: () => log, onLost: ({ code }) => lost.push(code) },
    ...options,
  });
  return { database, log, clock, lost };
}

t.test('nobody is confirmed before the sync, and all that come meanwhile share the next one', async (t) => {
  const { database, log } = held(t);
  const released: string[] = [];
  const note = (text: string) => database.commit(add(text)).then((done) => released.push(done));
  const first = note('a');
  await turn();
  t.equal(log.underWay, 1);
  const later = ['b', 'c'].map(note);
  await turn();
  const last = note('d');
  await turn();
  t.same(released, [], 'committed, and yet nobody is told');
  t.equal(log.underWay, 1, 'one sync at a time');
  log.letGo();
  await first;
  t.same(released, ['a']);
  t.equal(log.underWay, 1);
  log.letGo();
  await Promise.all([...later, last]);
  t.same(released, ['a', 'b', 'c', 'd']);
  t.same(log.counts, { inPlace: 0, inThread: 2 });
});

for (const isSlow of [true, false]) {
  const where = isSlow ? 'in the thread' : 'in place';
  t.test(`a sync that fails ${where} is not tried again: nobody is confirmed from then on`, async (t) => {
    const { database, log, lost } = held(t);
    log.isSlow = isSlow;
    await Promise.all([database.commit(add('kept')), turn().then(() => log.letGo())]);
    log.failure = new Error('EIO: i/o error, fdatasync');
    let effects = 0;
    const follow = () => {
      effects += 1;
    };
    const begun = [
      database.commit((sql) => {
        database.afterCommit(follow);
        return add('a')(sql);
      }),
      database.commit(add('b')),
    ];
    const outcomes = Promise.allSettled(begun);
    await turn();
    const meanwhile = Promise.allSettled(isSlow ? [database.commit(add('c'))] : []);
    if (isSlow) database.whenDurable(follow);
    log.letGo();
    t.match(await outcomes, [{ reason: { code: 'WP3011' } }, { reason: { code: 'WP3011' } }]);
    for (const each of await meanwhile) t.match(each, { reason: { code: 'WP3011' } });
    t.notOk(database.isTaking);
    log.failure = null;
    await t.rejects(database.commit(add('d')), { code: 'WP3011' });
    t.throws(() => database.commitLazily(add('e')), { code: 'WP3011' });
    database.whenDurable(follow);
    t.equal(effects, 0, 'nothing follows');
    t.same(lost, ['WP3011'], 'and it is said once');
  });
}

t.test('closing does not wait for a disk that hangs in another thread', async (t) => {
  const { database, log } = held(t);
  const released: string[] = [];
  const first = database.commit(add('a')).then((done) => released.push(done));
  await turn();
  const second = database.commit(add('b')).then((done) => released.push(done));
  log.isSlow = false;
  await database.close();
  await Promise.all([first, second]);
  t.same(released, ['a', 'b'], 'all are released, in order');
  t.equal(log.counts.inPlace, 2);
  t.ok(log.isClosed);
  log.letGo();
  t.same(released, ['a', 'b'], 'and the late answer changes nothing');
});

t.test('what nobody waits for is synced within a second, or with what somebody waits for', async (t) => {
  const { database, log, clock } = held(t);
  database.commitLazily(add('a'));
  await clock.advance(5);
  t.same(log.counts, { inPlace: 0, inThread: 0 }, 'committed, not synced');
  await clock.advance(1000);
  t.same(log.counts, { inPlace: 0, inThread: 1 });
  log.letGo();
  log.isSlow = false;
  database.commitLazily(add('b'));
  await clock.advance(5);
  await database.commit(add('c'));
  t.same(log.counts, { inPlace: 1, inThread: 1 });
  t.equal(clock.pending, 0, 'no timer is left');
});

t.test('with NORMAL nobody waits for the disk, which is asked once a second', async (t) => {
  const { database, log, clock } = held(t, { synchronous: 'NORMAL' });
  for (const text of ['a', 'b', 'c']) await database.commit(add(text));
  t.same(log.counts, { inPlace: 0, inThread: 0 });
  await clock.advance(1000);
  t.same(log.counts, { inPlace: 0, inThread: 1 });
});

t.test('what is told waits until what it was read from is on the disk', async (t) => {
  const { database, log } = held(t);
  const told: string[] = [];
  database.whenDurable(() => told.push('quiet'));
  t.same(told, ['quiet'], 'at once when nothing is on its way');
  const first = database.commit(add('a'));
  await turn();
  database.whenDurable(() => told.push('under way'));
  const second = database.commit(add('b'));
  database.whenDurable(() => told.push('open'));
  t.same(told, ['quiet']);
  log.letGo();
  await first;
  t.same(told, ['quiet', 'under way']);
  await turn();
  log.letGo();
  await second;
  t.same(told, ['quiet', 'under way', 'open']);
});

t.test(
  'a work that changes nothing needs no sync of its own, and is not told before those ahead of it',
  async (t) => {
    const { database, log } = held(t);
    const order: string[] = [];
    const first = database.commit(add('a')).then(() => order.push('a'));
    await turn();
    const nothing = database.commit(() => undefined).then(() => order.push('nothing'));
    await turn();
    t.same(order, []);
    log.letGo();
    await Promise.all([first, nothing]);
    t.same(order, ['a', 'nothing']);
    t.equal(log.counts.inThread, 1);
  },
);

t.test('a disk that is slow is asked in another thread, until it is quick again', async (t) => {
  const file = join(temporaryFolder(t), 'log');
  let nowMs = 0;
  let stepMs = 5;
  const { writeFileSync } = await import('node:fs');
  writeFileSync(file, 'x');
  const log = new WalSync(file, () => {
    nowMs += stepMs;
    return nowMs;
  });
  const inThread = () =>
    new Promise<void>((resolve, reject) =>
      log.inThread((error) => (error === null ? resolve() : reject(error))),
    );
  t.notOk(log.isSlow);
  log.now();
  t.notOk(log.isSlow, 'one of 5 ms is none');
  for (let n = 0; n < 4; n += 1) log.now();
  t.ok(log.isSlow, 'five are');
  stepMs = 0.1;
  for (let n = 0; n < 20; n += 1) await inThread();
  t.ok(log.isSlow, 'for ten seconds');
  nowMs += 10_000;
  t.notOk(log.isSlow);
  stepMs = 100;
  log.now();
  t.ok(log.isSlow, 'and one of 100 ms is');
  log.close();
  log.close();
});

t.test(
  'under writing without end the log begins again and again, and is gone after a clean end',
  async (t) => {
    const path = join(temporaryFolder(t), 'site.db');
    const clock = new ManualClock();
    let largest = 0;
    let inThread = 0;
    let wake: () => void = () => undefined;
    const database = new SiteDatabase({
      ...{ path, clock, log: silentLog, migrations, limits: { walMiB: 1, startCheckMiB: 0 } },
      onCheckpoint: ({ where }) => {
        if (where === 'thread') inThread += 1;
        wake();
      },
    });
    database.start();
    for (let round = 0; round < 12; round += 1) {
      const moved = new Promise<void>((resolve) => {
        wake = resolve;
      });
      for (let n = 0; n < 40; n += 1) await database.commit(add(`${round} ${n} ${'x'.repeat(8000)}`));
      await moved;
      await clock.advance(2000);
      largest = Math.max(largest, statSync(`${path}-wal`).size);
    }
    t.ok(inThread > 0, `${inThread} checkpoints in the thread`);
    t.ok(largest < 3 * 1024 * 1024, `the log of 1 MiB was never larger than ${largest} bytes`);
    t.equal(count(database), 480);
    await database.close();
    t.notOk(existsSync(`${path}-wal`));
    const again = memoryDatabase(t, { path, migrations });
    t.equal(count(again), 480);
  },
);

t.test(
  'a checkpoint that cannot sync ends all confirming, for SQLite holds for moved what is on no disk',
  async (t) => {
    const { database, lost } = held(t);
    const failed = database.commit(() => {
      throw new WatchpostError('WP3011', { detail: 'SQLITE_IOERR_FSYNC: disk I/O error' });
    });
    await t.rejects(failed, { code: 'WP3011' });
    t.notOk(database.isTaking);
    t.same(lost, ['WP3011']);
  },
);

for (const [what, happens] of [
  ['removed', (log: string) => rmSync(log)],
  ['moved elsewhere', (log: string) => renameSync(log, `${log}.old`)],
  [
    'replaced',
    (log: string) => {
      copyFileSync(log, `${log}.new`);
      renameSync(`${log}.new`, log);
    },
  ],
] as const) {
  t.test(`nobody is confirmed by a log that somebody has ${what}`, async (t) => {
    const database = fileDatabase(t, { migrations });
    await database.commit(add('a'));
    happens(`${database.path}-wal`);
    await t.rejects(database.commit(add('b')), { code: 'WP3011' });
    t.notOk(database.isTaking);
  });
}

t.test('who waits for what can be read now hears when it was taken back', async (t) => {
  const { database } = held(t);
  const told: string[] = [];
  const failed = database.commit(add('a'));
  database.whenDurable(
    () => told.push('durable'),
    (error) => told.push(String(error).slice(0, 6)),
  );
  database.sql.exec('ROLLBACK');
  await t.rejects(failed);
  t.equal(told.length, 1);
  t.not(told[0], 'durable');
});

for (const [what, inItsPlace] of [
  ['dies', (path: string) => mkdirSync(path)],
  ['cannot be started', () => undefined],
] as const) {
  t.test(`when the thread of checkpoints ${what}, the log begins again in place`, async (t) => {
    const path = join(temporaryFolder(t), 'site.db');
    const clock = new ManualClock();
    const where: string[] = [];
    const failed = Promise.withResolvers<void>();
    const error = (_: object, text?: string) => text === 'store.checkpoint-thread-failed' && failed.resolve();
    const database = new SiteDatabase({
      ...{ path, clock, log: { ...silentLog, error }, migrations },
      ...{ limits: { walMiB: 1, startCheckMiB: 0 }, onCheckpoint: (news) => where.push(news.where) },
    });
    database.start();
    const write = async (round: string) => {
      for (let n = 0; n < 200; n += 1) await database.commit(add(`${round} ${n} ${'x'.repeat(8000)}`));
    };
    renameSync(path, `${path}.elsewhere`);
    inItsPlace(path);
    await write('a');
    await failed.promise;
    await clock.advance(2000);
    await write('b');
    t.same(new Set(where), new Set(['in-place']));
    rmSync(path, { recursive: true, force: true });
    renameSync(`${path}.elsewhere`, path);
    await database.close();
    t.notOk(existsSync(`${path}-wal`), 'and closing ends');
  });
}
