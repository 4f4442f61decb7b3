import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { PRESS, RELEASE, removeDir, startDevice, tempDir } from './support/device.ts';
import { ModelLedger } from './support/model-ledger.ts';

type Tap = Pick<typeof t, 'teardown'>;

function folder(test: Tap): string {
  const dir = tempDir();
  test.teardown(() => removeDir(dir));
  return dir;
}

t.test('what waits outlives a restart, in order and under its numbers', async (t) => {
  const dir = folder(t);
  const first = startDevice({ dir });
  const ids = [first.press(), first.press(), first.press()];
  const lanes = first.journal.lanes();
  first.close();
  const second = startDevice({ dir });
  t.same(second.journal.lanes().alarm, lanes.alarm);
  const ledger = new ModelLedger();
  second.connect(ledger).settle();
  t.same(
    ledger.ofLane('alarm').map(({ id, wpseq }) => [id, wpseq]),
    ids.map((id, index) => [id, index + 1]),
  );
  second.close();
});

t.test('numbers go on after everything was deleted and the device restarted', async (t) => {
  const dir = folder(t);
  const ledger = new ModelLedger();
  for (let round = 0; round < 3; round += 1) {
    const device = startDevice({ dir });
    device.note();
    device.press();
    device.connect(ledger).settle();
    device.close();
  }
  t.equal(ledger.conflicts, 0);
  t.same(
    ledger.ofLane('alarm').map(({ wpseq }) => wpseq),
    [1, 2, 3],
  );
  const sequences = ledger.ofLane('event').map(({ wpseq }) => wpseq);
  t.same(
    sequences,
    [...sequences.keys()].map((index) => index + 1),
    'without a gap',
  );
});

t.test('after a power cut numbers that may have been used are passed over and declared', async (t) => {
  const dir = folder(t);
  const copy = folder(t);
  const ledger = new ModelLedger();
  const first = startDevice({ dir });
  const session = first.connect(ledger);
  session.settle();
  cpSync(dir, copy, { recursive: true });
  const lost = first.note();
  session.settle();
  first.close();
  const second = startDevice({ dir: copy, bootId: 'boot-2' });
  const kept = second.note();
  second.connect(ledger).settle();
  const ids = ledger.ofLane('event').map(({ id }) => id);
  t.ok(ids.includes(lost) && ids.includes(kept));
  t.equal(ledger.conflicts, 0, 'the lost commit’s number was not given again');
  t.equal(second.journal.counters().mismatches, 0);
  t.match(ledger.ofType('wp.lane.dropped.v1')[0]?.data, { lane: 'event', reason: 'restart' });
  second.close();
});

t.test('a damaged file is set aside, and the alarms that can be read go out once', async (t) => {
  const dir = folder(t);
  const ledger = new ModelLedger();
  const first = startDevice({ dir });
  first.connect(ledger).settle();
  const ids = Array.from({ length: 60 }, () => first.press());
  first.journal.memory.set('link.boot', 7);
  first.close();
  const file = join(dir, 'alarm.db');
  const bytes = readFileSync(file);
  t.ok(bytes.length > 12 * 4096);
  bytes.fill(0xa5, bytes.length - 2 * 4096);
  writeFileSync(file, bytes);
  const second = startDevice({ dir });
  t.ok(second.log.codes().includes('WP2005'));
  t.ok(readdirSync(dir).includes('alarm.db.damaged-1'), 'kept for the technician');
  const saved = second.journal.queues().alarm;
  t.ok(saved > 0, `${saved} of ${ids.length} could be read`);
  t.equal(second.journal.memory.get('link.boot'), 7, 'so could the facts');
  const later = second.press();
  second.connect(ledger).settle();
  const arrived = ledger.ofLane('alarm').map(({ id }) => id);
  t.equal(new Set(arrived).size, arrived.length);
  t.ok(arrived.includes(later));
  t.match(ledger.ofType('wp.journal.created.v1').at(-1)?.data, { lane: 'alarm', reason: 'corrupt' });
  second.close();
});

t.test('a file that is no database at all does not keep the device from starting', async (t) => {
  const dir = folder(t);
  startDevice({ dir }).close();
  for (const name of ['alarm.db', 'events.db']) writeFileSync(join(dir, name), 'rubbish '.repeat(2000));
  const device = startDevice({ dir });
  t.ok(device.journal.recordAlarm('wp.panic.pressed.v1', PRESS).stored);
  const ledger = new ModelLedger();
  device.connect(ledger).settle();
  t.equal(ledger.ofLane('alarm').length, 1);
  const reasons = ledger.ofType('wp.journal.created.v1').map(({ data }) => `${data.lane} ${data.reason}`);
  t.same(reasons.sort(), ['alarm corrupt', 'event corrupt', 'telemetry corrupt']);
  device.close();
  t.ok(existsSync(join(dir, 'events.db.damaged-1')));
});

t.test(
  'damage in a large file of events, found only in reading it, does not keep the button from arming',
  async (t) => {
    const dir = folder(t);
    const first = startDevice({ dir });
    for (let event = 0; event < 50; event += 1) first.note();
    first.journal.flush();
    first.close();
    const file = join(dir, 'events.db');
    const sql = new Database(file);
    sql.exec('CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob(17 * 1024 * 1024))');
    const roots = sql
      .prepare<[], number>("SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name != 'filler'")
      .pluck()
      .all();
    sql.pragma('wal_checkpoint(TRUNCATE)');
    sql.close();
    const bytes = readFileSync(file);
    for (const root of roots) bytes.fill(0xa5, (root - 1) * 4096 + (root === 1 ? 200 : 0), root * 4096);
    writeFileSync(file, bytes);
    const second = startDevice({ dir });
    t.ok(second.journal.recordAlarm('wp.panic.pressed.v1', PRESS).stored);
    t.ok(second.log.codes().includes('WP2005'));
    t.ok(existsSync(join(dir, 'events.db.damaged-1')), 'kept for the technician');
    second.close();
  },
);

t.test('a journal of a newer version is refused and left as it is', async (t) => {
  const dir = folder(t);
  startDevice({ dir }).close();
  const sql = new Database(join(dir, 'alarm.db'));
  sql.pragma('user_version = 99');
  sql.close();
  copyFileSync(join(dir, 'alarm.db'), join(dir, 'before'));
  t.throws(() => startDevice({ dir }), { code: 'WP2003' });
  t.same(readFileSync(join(dir, 'alarm.db')), readFileSync(join(dir, 'before')));
});

t.test('a second agent on the same folder is refused', async (t) => {
  const dir = folder(t);
  const device = startDevice({ dir });
  t.throws(() => startDevice({ dir }), { code: 'WP2004' });
  device.close();
});

t.test('a folder that cannot be one is refused', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'file'), '');
  t.throws(() => startDevice({ dir: join(dir, 'file', 'device') }), { code: 'WP2013' });
});

t.test('each event goes by its own lane, and none is too large', async (t) => {
  const device = startDevice({ dir: folder(t) });
  t.throws(() => device.journal.recordEvent('wp.panic.pressed.v1', PRESS), { code: 'WP2001' });
  t.throws(() => device.journal.recordAlarm('wp.tamper.closed.v1', RELEASE), { code: 'WP2001' });
  const huge = { ...RELEASE, note: 'x'.repeat(70_000) };
  t.throws(() => device.journal.recordEvent('wp.tamper.closed.v1', huge), { code: 'WP2002' });
  t.same(device.journal.queues(), { alarm: 0, event: 0, telemetry: 0 });
  device.close();
  t.equal(device.clock.pending, 0, 'no timer is left behind');
});

t.test('an event is on disk within five milliseconds', async (t) => {
  const device = startDevice({ dir: folder(t) });
  device.journal.recordEvent('wp.tamper.closed.v1', RELEASE);
  t.equal(device.journal.queues().event, 0);
  await device.clock.advance(5);
  t.equal(device.journal.queues().event, 1);
  device.close();
});

t.test('facts and replies outlive a restart; a reply is given once', async (t) => {
  const dir = folder(t);
  const first = startDevice({ dir });
  const reply = { id: 'c1', name: 'speak', ok: true, at: '2026-11-20T00:00:00.000Z' };
  first.journal.memory.set('panic', { open: ['a'] });
  first.journal.memory.rememberReply(reply);
  first.journal.memory.rememberReply({ ...reply, ok: false });
  for (let n = 0; n < 600; n += 1) first.journal.memory.rememberReply({ ...reply, id: `later-${n}` });
  first.close();
  const second = startDevice({ dir });
  t.same(second.journal.memory.get('panic'), { open: ['a'] });
  t.equal(second.journal.memory.get('nothing'), undefined);
  t.equal(second.journal.memory.replyTo('c1'), null, 'pruned after 500 others');
  t.match(second.journal.memory.replyTo('later-599'), { ok: true });
  t.match(second.journal.memory.replyTo('later-100'), { ok: true });
  second.close();
});

t.test('a fact that the disk does not take is kept until the restart', async (t) => {
  const dir = folder(t);
  const device = startDevice({ dir, alarmMaxBytes: 15 * 4096 });
  device.journal.memory.set('small', 1);
  device.journal.memory.set('big', 'x'.repeat(200_000));
  t.equal(device.journal.memory.get('big'), 'x'.repeat(200_000));
  t.equal(device.journal.memory.get('small'), 1);
  t.ok(device.log.codes().includes('WP2014'));
  device.close();
});
