import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Device, removeDir, startDevice, tempDir } from './support/device.ts';
import type { FakeSession } from './support/fake-session.ts';
import { ModelLedger } from './support/model-ledger.ts';

type Tap = Pick<typeof t, 'teardown'>;

const HOUR_MS = 3_600_000;
const BATCH_MS = 5_000;

function folder(test: Tap): string {
  const dir = tempDir();
  test.teardown(() => removeDir(dir));
  return dir;
}

/**
 * Connected, everything told, and two batches of samples received, since the first names the lane's ledger, which is
 * written down: from here on it is at rest.
 */
async function atRest(test: Tap, ledger = new ModelLedger()): Promise<[Device, FakeSession, ModelLedger]> {
  const device = startDevice({ dir: folder(test) });
  test.teardown(() => device.close());
  const session = device.connect(ledger);
  session.settle();
  await samples(device, session, 2);
  return [device, session, ledger];
}

/** So many envelopes of telemetry, each sent and received. */
async function samples(device: Device, session: FakeSession, envelopes: number): Promise<void> {
  for (let n = 0; n < envelopes; n += 1) {
    device.journal.recordSample({ sensor: 'heat', value: n, unit: 'C', time: '', mono: '0' });
    await device.clock.advance(BATCH_MS);
    session.settle();
  }
}

/** Of every byte in the device's folder. */
function digestOf({ dir }: Device): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir).sort()) hash.update(name).update(readFileSync(join(dir, name)));
  return hash.digest('hex');
}

/** The files as a crash leaves them. */
function crashed(test: Tap, { dir, clock }: Device): Device {
  const copy = folder(test);
  cpSync(dir, copy, { recursive: true });
  const device = startDevice({ dir: copy, manualClock: clock });
  test.teardown(() => device.close());
  return device;
}

const rowChanges = ({ journal }: Device): number =>
  Number(journal.parts.eventSql.prepare('SELECT total_changes()').pluck().get());

const bookOf = ({ journal }: Device) => journal.parts.events.telemetry.book;

t.test('live samples and their receipts write not one byte', async (t) => {
  const [device, session, ledger] = await atRest(t);
  const before = digestOf(device);
  await samples(device, session, 12);
  t.equal(ledger.ofLane('telemetry').length, 14, 'all of them were received');
  t.same(device.journal.queues(), { alarm: 0, event: 0, telemetry: 0 });
  t.equal(digestOf(device), before);
});

t.test('a noisy sensor costs the card a few writes an hour, and fewer the longer it goes on', async (t) => {
  const [device, session] = await atRest(t);
  const anHour = async () => {
    const before = rowChanges(device);
    await samples(device, session, HOUR_MS / BATCH_MS);
    return rowChanges(device) - before;
  };
  const first = await anHour();
  const second = await anHour();
  // 720 receipts. Promises of 64, 128, 256 and 512 numbers, two rows each, and what was put off.
  t.ok(first <= 12, `${first} rows written`);
  t.ok(second <= 6, `${second} rows written`);
});

t.test(
  'what receipts have confirmed is on disk within about an hour, and at once at a clean end',
  async (t) => {
    const [device, session] = await atRest(t);
    await samples(device, session, 3);
    const { receiptedTo } = bookOf(device);
    t.ok(bookOf(crashed(t, device)).receiptedTo < receiptedTo, 'put off');
    await device.clock.advance(HOUR_MS + 60_000);
    t.equal(bookOf(crashed(t, device)).receiptedTo, receiptedTo);
    await samples(device, session, 2);
    const last = bookOf(device).receiptedTo;
    device.close();
    t.equal(bookOf(crashed(t, device)).receiptedTo, last);
  },
);

t.test(
  'a crash before that doubles and loses nothing at the site, and no number is used twice',
  async (t) => {
    const [device, session, ledger] = await atRest(t);
    await samples(device, session, 20);
    session.drop();
    const after = crashed(t, device);
    const again = after.connect(ledger);
    again.settle();
    await samples(after, again, 3);
    t.equal(ledger.ofLane('telemetry').length, 25);
    t.equal(ledger.repeats, 0);
    t.equal(ledger.conflicts, 0);
    t.same(after.journal.queues(), { alarm: 0, event: 0, telemetry: 0 });
    t.notOk(after.log.codes().includes('WP2009'), 'the site’s memory and its own agree');
  },
);

t.test('samples that are on disk are deleted by their receipt at once', async (t) => {
  const [device, session, ledger] = await atRest(t);
  session.drop();
  device.journal.recordSample({ sensor: 'heat', value: 1, unit: 'C', time: '', mono: '0' });
  await device.clock.advance(60_000);
  device.journal.flush();
  t.equal(device.journal.parts.events.telemetry.count(0), 1, 'the link is down: stored');
  device.connect(ledger).settle();
  device.journal.flush();
  t.equal(crashed(t, device).journal.parts.events.telemetry.count(0), 0);
});

t.test('another ledger is written down at once', async (t) => {
  const [device, session, ledger] = await atRest(t);
  const { epoch } = bookOf(device);
  session.give({ ...ledger.receipt(epoch, 'telemetry'), ledgerId: 'ledger-restored' });
  device.journal.flush();
  t.equal(bookOf(crashed(t, device)).ledgerId, 'ledger-restored');
});
