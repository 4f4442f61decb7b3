import { cpSync } from 'node:fs';
import t from 'tap';
import { type Device, type DeviceOptions, removeDir, startDevice, tempDir } from './support/device.ts';
import { ModelLedger } from './support/model-ledger.ts';

const WEEK_MS = 7 * 86_400_000;

function begin(test: Tap, options: Partial<DeviceOptions> = {}): Device {
  const dir = options.dir ?? tempDir();
  const device = startDevice({ ...options, dir });
  test.teardown(() => {
    device.close();
    removeDir(dir);
  });
  return device;
}
type Tap = Pick<typeof t, 'teardown'>;

const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);
const alarmEpoch = (device: Device) => device.journal.lanes().alarm?.epoch ?? '';

t.test('a receipt deletes events and keeps alarms for their days', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  device.note();
  const alarm = device.press();
  device.connect(ledger).settle();
  t.same(device.journal.queues(), { alarm: 0, event: 0, telemetry: 0 });
  t.same(device.journal.recentlyReceived(), [alarm]);
  device.clock.setWall(device.clock.wallMs() + 5 * WEEK_MS);
  device.journal.tend();
  t.same(device.journal.recentlyReceived(), [], 'past 30 days it is gone');
});

t.test('a PUBACK alone deletes nothing', async (t) => {
  const device = begin(t);
  const session = device.connect(new ModelLedger());
  device.press();
  const event = device.note();
  while (session.swallowOne() !== null);
  t.equal(device.journal.queues().alarm, 1);
  t.ok(device.journal.queues().event >= 1);
  session.drop();
  const ledger = new ModelLedger();
  device.connect(ledger).settle();
  t.ok(idsOf(ledger.ofLane('event')).includes(event), 'it goes again with the next connection');
  t.equal(device.journal.queues().alarm, 0);
});

t.test('a receipt whose id is another record’s deletes nothing and begins a new epoch', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const first = device.press();
  const session = device.connect(ledger);
  const before = alarmEpoch(device);
  session.give({ ...ledger.receipt(before, 'alarm'), upTo: 1, atId: 'somebody-else' });
  t.not(alarmEpoch(device), before);
  t.equal(device.journal.queues().alarm, 1, 'nothing was deleted');
  t.ok(device.log.codes().includes('WP2009'));
  session.drop();
  device.connect(ledger).settle();
  t.same(idsOf(ledger.ofLane('alarm')), [first], 'the same event under its new number');
  const told = ledger.ofType('wp.journal.created.v1').map(({ data }) => data);
  t.match(told.at(-1), { lane: 'alarm', previousEpoch: before, reason: 'receipt-mismatch' });
});

t.test('an epoch that ended before the site heard of it is passed over in what is told', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const before = alarmEpoch(device);
  device.outbox.receive({ ...ledger.receipt(before, 'alarm'), upTo: 9, atId: 'from-another-life' });
  device.connect(ledger).settle();
  const told = ledger.ofType('wp.journal.created.v1').filter(({ data }) => data.lane === 'alarm');
  t.match(told.at(-1)?.data, { previousEpoch: null, reason: 'receipt-mismatch' });
});

t.test('a journal restored from a copy loses and doubles nothing', async (t) => {
  const dir = tempDir();
  const copy = tempDir();
  t.teardown(() => [dir, copy].forEach(removeDir));
  const ledger = new ModelLedger();
  const device = startDevice({ dir });
  const session = device.connect(ledger);
  const presses = [device.press(), device.press()];
  session.settle();
  presses.push(device.press());
  device.close();
  cpSync(dir, copy, { recursive: true });
  const later = startDevice({ dir });
  presses.push(later.press(), later.press());
  later.connect(ledger).settle();
  later.close();
  const restored = begin(t, { dir: copy });
  presses.push(restored.press());
  restored.connect(ledger).settle();
  restored.press();
  const last = restored.connect(ledger);
  last.settle();
  presses.push(restored.journal.recentlyReceived()[0] ?? '');
  t.same(idsOf(ledger.ofLane('alarm')).sort(), presses.sort(), 'each exactly once');
  t.ok(restored.log.codes().includes('WP2009'), 'and the restored card says so');
  t.equal(restored.journal.queues().alarm, 0);
});

t.test('two devices from one cloned card each keep their presses', async (t) => {
  const dir = tempDir();
  const twin = tempDir();
  t.teardown(() => [dir, twin].forEach(removeDir));
  const ledger = new ModelLedger();
  const first = startDevice({ dir });
  const presses = [first.press()];
  first.connect(ledger).settle();
  first.close();
  cpSync(dir, twin, { recursive: true });
  for (const home of [dir, twin, dir, twin]) {
    const device = startDevice({ dir: home });
    presses.push(device.press(), device.press());
    device.connect(ledger).settle();
    t.equal(device.journal.queues().alarm, 0);
    device.close();
  }
  t.same(idsOf(ledger.ofLane('alarm')).sort(), presses.sort());
});

t.test('a late receipt changes nothing', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  device.press();
  session.settle();
  const late = ledger.receipt(alarmEpoch(device), 'alarm');
  device.press();
  session.settle();
  const stages = device.stages.length;
  session.give({ ...late, siteTime: '2026-11-20T00:00:00.000Z', upTo: 0, atId: null });
  t.equal(session.inFlight, 0);
  t.equal(device.stages.length, stages);
  session.give({ ...late, epoch: 'an-epoch-before' });
  t.equal(session.inFlight, 0);
});

t.test('a ledger restored from a backup is offered the kept alarms again', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const presses = [device.press(), device.press()];
  const session = device.connect(ledger);
  session.settle();
  const backup = ledger.backup();
  presses.push(device.press(), device.press());
  session.settle();
  session.drop();
  backup.ledgerId = 'ledger-2';
  const stages = device.stages.length;
  const again = device.connect(backup);
  again.give(backup.receipt(alarmEpoch(device), 'alarm'));
  again.settle();
  t.same(idsOf(backup.ofLane('alarm')), presses);
  t.equal(device.stages.length, stages, 'what was told as received is not told again');
  t.equal(device.journal.queues().alarm, 0);
});

t.test('a ledger that forgot under its own name is offered the kept alarms again', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  const presses = [device.press()];
  session.settle();
  const backup = ledger.backup();
  presses.push(device.press());
  session.settle();
  session.drop();
  const again = device.connect(backup);
  const receipt = backup.receipt(alarmEpoch(device), 'alarm');
  again.give({ ...receipt, siteTime: new Date(Date.parse(receipt.siteTime) + WEEK_MS).toISOString() });
  again.settle();
  t.same(idsOf(backup.ofLane('alarm')), presses);
});

t.test('alarms of an earlier epoch are offered to a restored ledger as well', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  const presses = [device.press()];
  session.settle();
  const first = alarmEpoch(device);
  session.give({ ...ledger.receipt(first, 'alarm'), upTo: 1, atId: 'another' });
  presses.push(device.press());
  session.settle();
  session.drop();
  const empty = new ModelLedger('ledger-new');
  const again = device.connect(empty);
  again.give(empty.receipt(alarmEpoch(device), 'alarm'));
  again.settle();
  t.same(idsOf(empty.ofLane('alarm')).sort(), presses.sort());
  t.equal(device.journal.queues().alarm, 0);
});

t.test('what is missing is sent again, and declared when it is gone', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  session.settle();
  const ids = [device.note(), device.note(), device.note()];
  session.swallowOne();
  session.settle();
  t.ok(
    ids.every((id) => idsOf(ledger.ofLane('event')).includes(id)),
    'the swallowed one was asked for and sent',
  );
  t.equal(device.journal.queues().event, 0);

  const epoch = device.journal.lanes().event?.epoch ?? '';
  const fresh = new ModelLedger('ledger-2');
  session.drop();
  const again = device.connect(fresh);
  again.give(fresh.receipt(epoch, 'event'));
  device.note();
  again.settle();
  const dropped = fresh.ofType('wp.lane.dropped.v1').map(({ data }) => data);
  t.match(dropped[0], { lane: 'event', epoch, from: 1, reason: 'expired' });
  t.equal(device.journal.queues().event, 0, 'and the ledger came to its end');
});

t.test('an event that never gets through is declared unreadable in the end', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  session.settle();
  const doomed = device.note();
  const other = device.note();
  session.swallowOne();
  const epoch = device.journal.lanes().event?.epoch ?? '';
  for (let tries = 0; tries < 10; tries += 1) {
    while (session.inFlight > 0) {
      if (session.peek().includes(doomed)) session.swallowOne();
      else session.confirmOne();
    }
    session.give(ledger.receipt(epoch, 'event'));
  }
  session.settle();
  t.notOk(idsOf(ledger.ofLane('event')).includes(doomed));
  t.ok(idsOf(ledger.ofLane('event')).includes(other));
  t.match(ledger.ofType('wp.lane.dropped.v1').at(-1)?.data, { lane: 'event', reason: 'unreadable' });
  t.ok(device.log.codes().includes('WP2011'));
  t.equal(device.journal.queues().event, 0);
});

t.test('a refused alarm is counted, kept with its reason, and blocks nothing behind it', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  const poison = device.press();
  const good = device.press();
  session.swallowOne();
  session.swallowOne();
  const receipt = ledger.receipt(alarmEpoch(device), 'alarm');
  session.give({ ...receipt, upTo: 2, atId: good, rejected: [{ seq: 1, code: 'WP1008' }] });
  session.give({ ...receipt, upTo: 2, atId: good, rejected: [{ seq: 1, code: 'WP1008' }] });
  t.equal(device.journal.counters().rejected, 1, 'counted once however often it is listed');
  t.same(device.journal.recentlyReceived(), [good, poison]);
  t.equal(device.journal.queues().alarm, 0);
});

t.test('a receipt that ends at an unreadable record without an id is taken when it lists it', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  device.press();
  const receipt = { ...ledger.receipt(alarmEpoch(device), 'alarm'), upTo: 1, atId: null };
  session.give(receipt);
  t.equal(device.journal.queues().alarm, 1, 'nameless: nothing is deleted');
  session.give({ ...receipt, rejected: [{ seq: 1, code: 'WP1002' }] });
  t.equal(device.journal.queues().alarm, 0);
});

t.test('an event that a bad block has eaten keeps no other from a new epoch', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  device.connect(ledger).settle();
  const before = device.journal.lanes().event?.epoch ?? '';
  const ids = [device.note(), device.note(), device.note()];
  device.journal.parts.eventSql
    .prepare('UPDATE eventRecords SET body = substr(body, 1, 40) WHERE id = ?')
    .run(ids[1]);
  device.outbox.receive({ ...ledger.receipt(before, 'event'), upTo: 900, atId: 'a-life-before' });
  t.not(device.journal.lanes().event?.epoch, before);
  device.connect(ledger).settle();
  const arrived = idsOf(ledger.ofLane('event')).filter((id) => ids.includes(id));
  t.same(arrived, [ids[0], ids[2]]);
  t.equal(device.journal.counters().dropped.event, 1, 'and it is counted');
});
