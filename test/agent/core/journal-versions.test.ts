import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { ALARM_MIGRATIONS, EVENT_MIGRATIONS } from '#agent/core/journal/schema.ts';
import { removeDir, startDevice, tempDir } from './support/device.ts';
import { ModelLedger } from './support/model-ledger.ts';

/**
 * Journals as agents of these versions left them, with two alarms and an event that wait: `support/journal-vN`. A new
 * version gets a folder of its own; none that is there is changed, for such journals are on devices.
 */
const RECORDED = [1];
const FILES = ['alarm', 'events'] as const;
const MIGRATIONS = { alarm: ALARM_MIGRATIONS, events: EVENT_MIGRATIONS };
const WAITING = {
  alarm: ['01a1f640-bc00-701f-8e0b-0c9bf20c9043', '01a1f640-bc00-701f-8e0b-12e570098ded'],
  event: ['01a1f640-bc00-701f-8e0b-168749b1478e'],
};

/** What a newer program may add without making the journal unreadable for the one before. */
const ADDITIONS = {
  alarm: `
    ALTER TABLE lanes ADD COLUMN added TEXT;
    ALTER TABLE closed ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE facts ADD COLUMN added TEXT NOT NULL DEFAULT '';
    ALTER TABLE records ADD COLUMN added TEXT NOT NULL DEFAULT '';
    ALTER TABLE replies ADD COLUMN added TEXT;
    CREATE TABLE addedTable (id TEXT PRIMARY KEY) STRICT;
    CREATE INDEX addedIndex ON records (added);`,
  events: `
    ALTER TABLE lanes ADD COLUMN added TEXT;
    ALTER TABLE closed ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE facts ADD COLUMN added TEXT NOT NULL DEFAULT '';
    ALTER TABLE eventRecords ADD COLUMN added TEXT NOT NULL DEFAULT '';
    ALTER TABLE telemetryRecords ADD COLUMN added TEXT;
    ALTER TABLE blobs ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE addedTable (id TEXT PRIMARY KEY) STRICT;`,
};

/** A device's folder with a recorded journal; answers the folder. */
function recorded(test: Test, version: number, additions: Partial<typeof ADDITIONS> = {}): string {
  const dir = tempDir();
  test.teardown(() => removeDir(dir));
  for (const file of FILES) {
    const sql = new Database(join(dir, `${file}.db`));
    const text = readFileSync(join(import.meta.dirname, `support/journal-v${version}/${file}.sql`), 'utf8');
    sql.exec(`${text}${additions[file] ?? ''}`);
    sql.close();
  }
  return dir;
}

/** Tables and indexes with every column as it was declared, whatever the white space. */
function shapeOf(sql: Database.Database): unknown {
  const tables = sql
    .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all()
    .sort();
  return tables.map((table) => [
    table,
    sql.pragma(`table_xinfo(${table})`),
    sql.pragma(`index_list(${table})`),
  ]);
}

/** All that waits goes out once, and the numbers go on behind it. */
function drain(test: Test, dir: string): void {
  const device = startDevice({ dir, bootId: 'boot-2' });
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  const press = device.press();
  const note = device.note();
  for (let n = 0; n < 20; n += 1) device.note();
  session.settle();
  const ids = (lane: 'alarm' | 'event') => ledger.ofLane(lane).map(({ id }) => id);
  test.same(ids('alarm'), [...WAITING.alarm, press], 'alarms');
  test.same(
    ids('event').filter((id) => id === note || WAITING.event.includes(id)),
    [...WAITING.event, note],
  );
  test.equal(ledger.conflicts, 0, 'no number twice');
  test.same(device.journal.memory.get('panic'), { open: [WAITING.alarm[0]] }, 'what was remembered');
  test.match(device.journal.memory.replyTo('c1'), { ok: true });
  device.journal.memory.set('panic', null);
  device.journal.memory.rememberReply({
    id: 'c2',
    name: 'identify',
    ok: true,
    at: '2026-11-20T00:00:00.000Z',
  });
  test.same(device.log.codes(), [], 'nothing was damaged or lost');
  device.close();
}

t.test(
  'every version of the journal that was ever out is recorded, and is what its steps make',
  async (t) => {
    for (const file of FILES) {
      t.equal(
        MIGRATIONS[file].length,
        RECORDED.length,
        'a new step: record what it makes, and say it in docs/slots.md',
      );
      for (const version of RECORDED) {
        const made = new Database(':memory:');
        for (const step of MIGRATIONS[file].slice(0, version)) step(made);
        const kept = new Database(join(recorded(t, version), `${file}.db`));
        t.same(shapeOf(made), shapeOf(kept), `${file} ${version}`);
        t.equal(kept.pragma('user_version', { simple: true }), version);
        for (const sql of [made, kept]) sql.close();
      }
    }
  },
);

for (const version of RECORDED) {
  t.test(`a journal of version ${version} is opened, and what waits in it goes out`, async (t) => {
    drain(t, recorded(t, version));
  });
}

t.test('what a newer program has added to the journal is passed over, and nothing is lost', async (t) => {
  const dir = recorded(t, RECORDED.length, ADDITIONS);
  drain(t, dir);
  const sql = new Database(join(dir, 'alarm.db'));
  t.ok(sql.prepare('SELECT added FROM records').all().length > 0, 'it is still there for the newer one');
  sql.close();
});

t.test('one that this program cannot read is refused, and the newer one finds it whole', async (t) => {
  for (const file of FILES) {
    const newer = RECORDED.length + 1;
    const dir = recorded(t, RECORDED.length, { [file]: `PRAGMA user_version = ${newer};` });
    t.throws(() => startDevice({ dir }), { code: 'WP2003' }, file);
    // The process that was refused would have ended, and let go of the other file.
    const left = tempDir();
    t.teardown(() => removeDir(left));
    cpSync(dir, left, { recursive: true });
    const sql = new Database(join(left, `${file}.db`));
    t.equal(sql.pragma('user_version', { simple: true }), newer);
    sql.pragma(`user_version = ${RECORDED.length}`);
    sql.close();
    drain(t, left);
  }
});
