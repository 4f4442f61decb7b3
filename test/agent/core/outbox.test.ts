import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BlobQueue } from '#agent/core/outbox/blob-queue.ts';
import { Outbox } from '#agent/core/outbox/outbox.ts';
import { BLOB_PIECE_BYTES } from '#contract/messages.ts';
import { ADDRESS, PRESS, removeDir, startDevice, tempDir } from './support/device.ts';
import type { FakeSession } from './support/fake-session.ts';
import { ModelLedger } from './support/model-ledger.ts';

type Tap = Pick<typeof t, 'teardown'>;

function begin(test: Tap, window = 20) {
  const dir = tempDir();
  const device = startDevice({ dir, window });
  test.teardown(() => {
    device.close();
    removeDir(dir);
  });
  return device;
}

const lanesOf = (session: FakeSession) => session.published.map(({ topic }) => topic.split('/').at(-1));

t.test('alarms overtake everything that waits', async (t) => {
  const device = begin(t);
  for (let n = 0; n < 50; n += 1) device.note();
  const session = device.connect(new ModelLedger());
  t.equal(session.inFlight, 16, 'the window less the slots of the alarms');
  device.press();
  t.equal(session.inFlight, 17);
  t.equal(lanesOf(session).at(-1), 'alarm', 'it is on its way although the window is full for events');
});

t.test('a lane is sent in order, many in flight', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const ids = Array.from({ length: 300 }, () => device.press());
  device.connect(ledger).settle();
  t.same(
    ledger.ofLane('alarm').map(({ id }) => id),
    ids,
  );
  t.equal(ledger.repeats, 0);
});

t.test('what was in flight at a loss goes again, and the ledger takes it once', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const ids = Array.from({ length: 30 }, () => device.press());
  const session = device.connect(ledger);
  for (let n = 0; n < 10; n += 1) session.confirmOne();
  session.drop();
  device.connect(ledger).settle();
  t.same(
    ledger.ofLane('alarm').map(({ id }) => id),
    ids,
  );
  t.equal(ledger.repeats, 10);
  const sent = device.stages.filter((stage) => stage.startsWith('sent'));
  t.equal(sent.length, ids.length, 'each stage is told once');
});

t.test('what is in flight when a new epoch begins goes again under its new number', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const ids = Array.from({ length: 5 }, () => device.press());
  const session = device.connect(ledger);
  const before = JSON.parse(session.peek()).wpepoch;
  session.give({
    ledgerId: 'ledger-1',
    epoch: before,
    lane: 'alarm',
    upTo: 40,
    atId: 'another-life',
    siteTime: '2026-11-20T00:00:00.000Z',
  });
  session.settle();
  const anew = session.published
    .map(({ body }) => JSON.parse(body))
    .filter(({ wplane, wpepoch }) => wplane === 'alarm' && wpepoch !== before);
  t.same(
    anew.map(({ id, wpseq }) => [id, wpseq]),
    ids.map((id, index) => [id, index + 1]),
  );
});

t.test('without a receipt it is sent again after a minute', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  session.settle();
  const id = device.press();
  session.swallowOne();
  t.equal(session.inFlight, 0);
  await device.clock.advance(80_000);
  session.settle();
  t.same(
    ledger.ofLane('alarm').map((event) => event.id),
    [id],
  );
});

t.test('samples go out live in batches and leave no row', async (t) => {
  const device = begin(t);
  const ledger = new ModelLedger();
  const session = device.connect(ledger);
  session.settle();
  for (let n = 0; n < 5; n += 1) {
    device.journal.recordSample({ sensor: 'heat', value: n, unit: 'C', time: '', mono: String(n) });
  }
  t.equal(session.inFlight, 0);
  await device.clock.advance(5_000);
  t.equal(session.inFlight, 1);
  t.equal(device.journal.parts.events.telemetry.highest(), 0, 'nothing on disk');
  session.settle();
  t.equal(ledger.ofLane('telemetry').length, 1);
  t.match(ledger.ofLane('telemetry')[0]?.data, { samples: [{ value: 0 }, {}, {}, {}, { value: 4 }] });
});

t.test('while the link is down samples go to disk once in a minute', async (t) => {
  const device = begin(t);
  for (let second = 0; second < 180; second += 1) {
    device.journal.recordSample({ sensor: 'heat', value: second, unit: 'C', time: '', mono: '0' });
    await device.clock.advance(1_000);
  }
  device.journal.flush();
  t.equal(device.journal.parts.events.telemetry.count(0), 3);
  const ledger = new ModelLedger();
  device.connect(ledger).settle();
  t.equal(ledger.ofLane('telemetry').length, 3);
});

t.test('live samples that a crash takes are declared dropped', async (t) => {
  const dir = tempDir();
  t.teardown(() => removeDir(dir));
  const ledger = new ModelLedger();
  const first = startDevice({ dir });
  const session = first.connect(ledger);
  session.settle();
  for (let n = 0; n < 3; n += 1) {
    first.journal.recordSample({ sensor: 'heat', value: n, unit: 'C', time: '', mono: '0' });
    await first.clock.advance(5_000);
    if (n === 0) session.settle();
  }
  const { epoch } = first.journal.lanes().telemetry ?? {};
  const second = startDevice({ dir: crashCopy(t, dir) });
  t.teardown(() => first.close());
  t.teardown(() => second.close());
  second.connect(ledger).settle();
  const [dropped] = ledger.ofType('wp.lane.dropped.v1');
  t.match(dropped?.data, { lane: 'telemetry', epoch, reason: 'restart' });
  second.journal.recordSample({ sensor: 'heat', value: 9, unit: 'C', time: '', mono: '0' });
  await second.clock.advance(5_000);
  second.connect(ledger).settle();
  t.equal(ledger.conflicts, 0, 'no number is used twice');
  t.equal(ledger.ofLane('telemetry').length, 2);
});

t.test('a blob goes last, in pieces, and goes on after a restart', async (t) => {
  const dir = tempDir();
  const file = join(dir, 'picture');
  writeFileSync(file, Buffer.alloc(BLOB_PIECE_BYTES * 2 + 100, 7));
  const reference = { blobId: 'b1', mediaType: 'image/png', bytes: 1, pieces: 3, sha256: 'a'.repeat(64) };
  t.teardown(() => removeDir(dir));
  const sent: string[] = [];
  const run = async (pieces: number) => {
    const device = startDevice({ dir });
    const blobs = new BlobQueue({ ...device, journal: device.journal });
    const { journal, clock, log } = device;
    const outbox = new Outbox({ address: ADDRESS, journal, clock, log, window: 20, alarmSlots: 4, blobs });
    outbox.start();
    let left = pieces;
    const seen = new Promise<void>((resolve) => {
      outbox.connected({
        publish: (topic, payload, done) => {
          if (!topic.includes('/blob/')) return;
          if (left === 0) return;
          left -= 1;
          sent.push(`${topic.split('/').at(-1)} ${payload.length}`);
          done(null);
          if (left === 0) resolve();
        },
      });
    });
    blobs.send(reference, file);
    blobs.send(reference, file);
    await seen;
    outbox.close();
    device.close();
  };
  const device = startDevice({ dir });
  device.connect(new ModelLedger()).settle();
  device.close();
  await run(2);
  await run(1);
  t.same(sent, ['0 65536', '1 65536', '2 100']);
});

/** The files as a crash leaves them: nothing is flushed or marked as ended. */
function crashCopy(test: Tap, dir: string): string {
  const copy = tempDir();
  test.teardown(() => removeDir(copy));
  cpSync(dir, copy, { recursive: true });
  return copy;
}

t.test(
  'an event lane that cannot be read any more leaves alarms recorded once and on their way',
  async (t) => {
    const device = begin(t);
    const session = device.connect(new ModelLedger());
    device.note();
    device.journal.parts.eventSql.exec('ALTER TABLE eventRecords RENAME TO gone');
    const told = device.journal.recordAlarm('wp.panic.pressed.v1', PRESS);
    t.equal(told.stored, true, 'what is on disk is not called unstored');
    t.ok(session.published.some(({ body }) => body.includes(told.id)));
    t.ok(device.log.codes().includes('WP2011'));
    device.journal.parts.eventSql.exec('ALTER TABLE gone RENAME TO eventRecords');
  },
);

t.test('an unstored alarm goes again although other alarms were receipted meanwhile', async (t) => {
  const dir = tempDir();
  let disk: 'broken' | 'well' = 'broken';
  const failpoint = (name: string) => {
    if (disk === 'broken' && name === 'journal.alarm.before-commit') throw new RangeError('no disk');
  };
  const device = startDevice({ dir, failpoint });
  t.teardown(() => {
    device.close();
    removeDir(dir);
  });
  const session = device.connect(new ModelLedger());
  const { id, stored } = device.journal.recordAlarm('wp.panic.pressed.v1', PRESS);
  t.equal(stored, false);
  disk = 'well';
  while (!session.swallowOne()?.includes(id));
  device.press();
  session.settle();
  await device.clock.advance(90_000);
  t.equal(session.published.filter(({ body }) => body.includes(id)).length, 2);
});
