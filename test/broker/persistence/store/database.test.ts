import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { fileDatabase, memoryDatabase, silentLog, temporaryFolder } from '#test/support/site-database.ts';

const TABLE = { number: 1, name: 'start', sql: 'CREATE TABLE note (text TEXT NOT NULL UNIQUE) STRICT' };
const migrations = [TABLE];
const add = (text: string) => (sql: Sqlite.Database) => {
  sql.prepare('INSERT INTO note VALUES (?)').run(text);
  return text;
};
const notes = (sql: Sqlite.Database) => sql.prepare('SELECT text FROM note ORDER BY rowid').pluck().all();

t.test('works of one turn share a COMMIT and are released in the order they came', async (t) => {
  const commits: number[] = [];
  const database = fileDatabase(t, { migrations, onCommitted: ({ works }) => commits.push(works) });
  const order: string[] = [];
  await Promise.all(
    ['a', 'b', 'c'].map((text) =>
      database
        .commit((sql) => {
          database.afterCommit(() => order.push(`effect ${text}`));
          return add(text)(sql);
        })
        .then((done) => order.push(done)),
    ),
  );
  t.same(commits, [3]);
  t.same(
    order.filter((entry) => entry.length === 1),
    ['a', 'b', 'c'],
  );
  t.same(
    order.filter((entry) => entry.length > 1),
    ['effect a', 'effect b', 'effect c'],
  );
});

t.test('nothing is confirmed or in effect before COMMIT', async (t) => {
  const database = fileDatabase(t, { migrations });
  const reader = new Sqlite(database.path, { readonly: true });
  t.teardown(() => reader.close());
  let effects = 0;
  const done = database.commit((sql) => {
    database.afterCommit(() => {
      effects += 1;
      t.same(notes(reader), ['a'], 'another connection sees it when the effect runs');
    });
    return add('a')(sql);
  });
  t.same(notes(reader), []);
  t.equal(effects, 0);
  await done;
  t.equal(effects, 1);
});

t.test('a work that throws takes back only its own savepoint and its effects', async (t) => {
  const database = memoryDatabase(t, { migrations });
  let effects = 0;
  const first = database.commit(add('a'));
  const second = database.commit((sql) => {
    database.afterCommit(() => {
      effects += 1;
    });
    add('b')(sql);
    return add('a')(sql);
  });
  await t.rejects(second, { code: 'WP3008' });
  await first;
  t.same(notes(database.sql), ['a']);
  t.equal(effects, 0);
});

t.test('a COMMIT that fails rejects all that waited and leaves nothing behind', async (t) => {
  const database = memoryDatabase(t, {
    migrations: [
      {
        ...TABLE,
        sql: `${TABLE.sql}; CREATE TABLE child (of TEXT REFERENCES note(text) DEFERRABLE INITIALLY DEFERRED)`,
      },
    ],
  });
  let effects = 0;
  const works = ['a', 'b'].map((text) =>
    database.commit((sql) => {
      database.afterCommit(() => {
        effects += 1;
      });
      sql.prepare('INSERT INTO child VALUES (?)').run('nobody');
      return add(text)(sql);
    }),
  );
  const outcomes = await Promise.allSettled(works);
  t.same(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  t.equal(effects, 0);
  t.same(notes(database.sql), []);
  t.equal(await database.commit(add('c')), 'c', 'and the next one goes through');
});

t.test(
  'a full disk is WP3001 for everybody in the transaction, and the site recovers with room',
  async (t) => {
    const database = fileDatabase(t, { migrations });
    const pages = database.sql.pragma('page_count', { simple: true });
    database.sql.pragma(`max_page_count = ${pages}`);
    const first = database.commit(add('a'));
    const large = database.commit(add('x'.repeat(100_000)));
    const outcomes = await Promise.allSettled([first, large]);
    t.match(outcomes[1], { status: 'rejected', reason: { code: 'WP3001', retryable: true } });
    t.notOk(database.isTaking, 'and says so');
    const kept = notes(database.sql);
    t.same(kept, outcomes[0]?.status === 'fulfilled' ? ['a'] : [], 'confirmed and kept are the same');
    database.sql.pragma('max_page_count = 100000');
    t.equal((await database.commit(add('x'.repeat(100_000)))).length, 100_000);
    t.ok(database.isTaking);
  },
);

t.test('a disk that is really full confirms only what is kept, and room brings the site back', async (t) => {
  const folder = temporaryFolder(t);
  const mount = (...options: string[]) =>
    execFileSync('mount', ['-t', 'tmpfs', ...options, folder], { stdio: 'pipe' });
  try {
    mount('-o', 'size=2m', 'tmpfs');
  } catch (error) {
    t.pass('a full disk', { skip: `mounting is not allowed here: ${error}` });
    return;
  }
  t.teardown(() => {
    execFileSync('umount', [folder]);
  });
  const path = join(folder, 'site.db');
  const database = new SiteDatabase({ path, clock: new ManualClock(), log: silentLog, migrations });
  database.start();
  const confirmed: string[] = [];
  const codes = new Set<unknown>();
  for (let index = 0; index < 40; index += 1) {
    await database.commit(add(`${index} ${'x'.repeat(100_000)}`)).then(
      (text) => confirmed.push(text),
      ({ code }) => codes.add(code),
    );
  }
  t.same([...codes], ['WP3001']);
  t.same(notes(database.sql), confirmed);
  mount('-o', 'remount,size=20m', 'tmpfs');
  t.equal(await database.commit(add('room again')), 'room again');
  t.equal(notes(database.sql).length, confirmed.length + 1);
  database.close();
});

t.test(
  'a lazy commit waits for its timer, or goes with the next commit that somebody waits for',
  async (t) => {
    const clock = new ManualClock();
    const database = fileDatabase(t, { migrations, clock });
    const reader = new Sqlite(database.path, { readonly: true });
    t.teardown(() => reader.close());
    database.commitLazily(add('a'));
    t.same(notes(reader), []);
    await clock.advance(5);
    t.same(notes(reader), ['a']);
    database.commitLazily(add('b'));
    await database.commit(add('c'));
    t.same(notes(reader), ['a', 'b', 'c']);
    t.equal(clock.pending, 0, 'no timer is left');
  },
);

t.test('closing commits what is open and may be called twice', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'site.db');
  const database = new SiteDatabase({ path, clock: new ManualClock(), log: silentLog, migrations });
  database.start();
  database.commitLazily(add('a'));
  database.close();
  database.close();
  const reader = new Sqlite(path, { readonly: true });
  t.same(notes(reader), ['a']);
  reader.close();
  t.end();
});

t.test('migrations apply by number once, with gaps, after a copy of what was there', (t) => {
  const path = join(temporaryFolder(t), 'site.db');
  const later = { number: 100, name: 'later', sql: 'ALTER TABLE note ADD COLUMN more TEXT' };
  const between = { number: 2, name: 'between', sql: 'CREATE TABLE two (a)' };
  for (const steps of [[TABLE], [TABLE, later], [TABLE, between, later], [TABLE, between, later]]) {
    memoryDatabase(t, { path, migrations: steps }).close();
  }
  const database = memoryDatabase(t, { path, migrations: [TABLE, between, later] });
  t.same(database.sql.prepare('SELECT number FROM schema_migrations').pluck().all(), [1, 2, 100]);
  t.ok(existsSync(join(path, '..', 'backups', 'before-0100.db')));
  t.ok(existsSync(join(path, '..', 'backups', 'before-0002.db')));
  t.end();
});

t.test('a database of a newer version is refused with WP3005', (t) => {
  const path = join(temporaryFolder(t), 'site.db');
  memoryDatabase(t, {
    path,
    migrations: [TABLE, { number: 9, name: 'new', sql: 'CREATE TABLE n (a)' }],
  }).close();
  t.throws(() => memoryDatabase(t, { path, migrations: [TABLE] }), { code: 'WP3005' });
  t.end();
});

t.test('a migration that fails changes nothing and says which', (t) => {
  const path = join(temporaryFolder(t), 'site.db');
  memoryDatabase(t, { path, migrations: [TABLE] }).close();
  const broken = { number: 2, name: 'broken', sql: 'CREATE TABLE half (a); nonsense' };
  t.throws(() => memoryDatabase(t, { path, migrations: [TABLE, broken] }), {
    code: 'WP3006',
    detail: 'migration 2 broken',
  });
  const reader = new Sqlite(path, { readonly: true });
  t.same(reader.prepare("SELECT name FROM sqlite_master WHERE name = 'half'").all(), []);
  reader.close();
  t.end();
});

t.test('a file that is not a database is refused with WP3003', async (t) => {
  const { writeFileSync } = await import('node:fs');
  const path = join(temporaryFolder(t), 'site.db');
  writeFileSync(
    path,
    'this is no database, it is only some text that is long enough to be looked at'.repeat(20),
  );
  t.throws(() => memoryDatabase(t, { path, migrations }), { code: 'WP3003' });
});
