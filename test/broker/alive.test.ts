import { join } from 'node:path';
import t from 'tap';
import { signsOfLife } from '#broker/alive.ts';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import { silentLog } from '#scripts/bench/silent-log.ts';
import { HeldLog } from '#test/support/held-log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const listening = { isListening: true };

function open(dir: string, log = new HeldLog()): SiteDatabase {
  const db = new SiteDatabase({
    ...{ path: join(dir, 'site.db'), clock: new ManualClock(), log: silentLog },
    openLog: () => log,
  });
  db.start();
  return db;
}

t.test('a site is alive while its database takes work and its ports are open', async (t) => {
  const db = open(t.testdir());
  const lookAt = (site: { isListening: boolean }, http: { isListening: boolean }) => () => {
    for (const { look } of signsOfLife({ db, site, http })) look();
  };
  t.doesNotThrow(lookAt(listening, listening));
  t.throws(lookAt({ isListening: false }, listening), { code: 'WP2617', detail: /MQTT/ });
  t.throws(lookAt(listening, { isListening: false }), { code: 'WP2617', detail: /HTTP/ });
  await db.close();
  t.throws(lookAt(listening, listening), { code: 'WP3010' });
});

t.test('a slow disk is no reason to end it, and neither is work that waits for its commit', async (t) => {
  const log = new HeldLog();
  const db = open(t.testdir(), log);
  const work = () => db.commit((sql) => sql.exec('CREATE TABLE IF NOT EXISTS x (y)'));
  const first = work();
  t.doesNotThrow(() => db.probe(), 'before the turn of the loop is over');
  await new Promise(setImmediate);
  t.equal(log.underWay, 1);
  const second = db.commit((sql) => sql.exec('INSERT INTO x VALUES (1)'));
  await new Promise(setImmediate);
  t.doesNotThrow(() => db.probe(), 'while a sync hangs');
  log.letGo();
  await new Promise(setImmediate);
  log.letGo();
  await Promise.all([first, second]);
  await db.close();
});

t.test('a transaction that nobody comes to commit is', async (t) => {
  const clock = new ManualClock();
  // Its timers never fire: a lazy COMMIT does not come.
  const dead = { wallMs: () => 0, monoMs: () => clock.monoMs(), after: never, every: never };
  const db = new SiteDatabase({ path: join(t.testdir(), 'site.db'), clock: dead, log: silentLog });
  db.start();
  db.commitLazily((sql) => sql.exec('CREATE TABLE x (y)'));
  t.doesNotThrow(() => db.probe());
  await clock.advance(3_000);
  t.doesNotThrow(() => db.probe(), 'it may be late');
  await clock.advance(1);
  t.throws(() => db.probe(), { code: 'WP2617', detail: /stays open/ });
  await db.commit((sql) => sql.exec('INSERT INTO x VALUES (1)'));
  t.doesNotThrow(() => db.probe(), 'it was committed with what came after');
  await db.close();
});

const never = () => () => undefined;
