import t from 'tap';
import { IngestListeners } from '#broker/incidents/ingest-listeners.ts';
import { PathWatch } from '#broker/incidents/path-watch.ts';
import { Ledger } from '#broker/persistence/ledger/ledger.ts';
import { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import { SiteEvents } from '#broker/persistence/ledger/site-events.ts';
import { SiteTime } from '#broker/persistence/ledger/site-time.ts';
import type { LedgerEvent } from '#broker/persistence/ports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { fileDatabase, silentLog } from '#test/support/site-database.ts';
import { type EventSketch, incidentSide, ledgerEvent, PILLAR, type Teardown } from '../support/desk.ts';

const HOUR_MS = 3_600_000;

function setting(t: Teardown) {
  const clock = new ManualClock();
  const db = fileDatabase(t, { clock, synchronous: 'NORMAL' });
  const side = incidentSide({ db, clock });
  const siteTime = new SiteTime(db, clock);
  siteTime.start();
  const ledger = new Ledger({ store: db, quarantine: new Quarantine(db), clock });
  const recorded: string[] = [];
  const events = {
    record: (...event: Parameters<SiteEvents['record']>): LedgerEvent => {
      recorded.push(event[1]);
      return siteEvents.record(...event);
    },
  };
  const begin = () => {
    const watch = new PathWatch({
      ...{ db, clock, log: silentLog, devices: side.devices, events, siteTime },
      ...{ testEveryH: 24, toleranceH: 2 },
    });
    watch.start();
    t.teardown(() => watch.close());
    return watch;
  };
  const watch = begin();
  const listener = new IngestListeners([side.desk, watch]);
  const siteEvents = new SiteEvents({ store: db, clock, ledger, listener, onRecorded: () => undefined });
  t.teardown(() => {
    side.escalation.close();
    siteTime.close();
  });
  const take = async (sketch: EventSketch) => {
    const event = ledgerEvent(clock, sketch);
    await db.commit(() => listener.onEvent(event));
    return event;
  };
  const test = () => take({ type: 'wp.path.tested.v1', data: { cause: 'daily' } });
  const incidents = () =>
    side.view
      .list({ states: ['open', 'acknowledged', 'resolved'], before: 1e9, limit: 9 })
      .map(({ item: { type, state } }) => `${type} ${state}`);
  return { clock, db, ...side, watch, begin, take, test, recorded, incidents };
}

t.test('a test pages nobody, and its times are kept and shown', async (t) => {
  const { devices, test, view, take, watch, clock, incidents } = setting(t);
  devices.put(PILLAR);
  const { envelope, receivedAt } = await test();
  t.same(incidents(), []);
  watch.receipted({ ...PILLAR, epoch: 'e1', lane: 'event', upTo: 1e9 });
  watch.receipted({ ...PILLAR, epoch: 'e1', lane: 'alarm', upTo: (envelope.wpseq ?? 0) - 1 });
  t.match(view.testsOf(PILLAR, 9), [{ receiptedAt: null }], 'a receipt of something else says nothing');
  await clock.advance(7);
  watch.receipted({ ...PILLAR, epoch: 'e1', lane: 'alarm', upTo: envelope.wpseq ?? 0 });
  await take({
    type: 'wp.path.measured.v1',
    data: { testId: envelope.id, sentMs: 4.5, receivedMs: 9.25 },
  });
  await take({
    type: 'wp.path.measured.v1',
    from: { site: 'mall', device: 'pillar-002' },
    data: { testId: envelope.id, sentMs: 1, receivedMs: 1 },
  });
  t.same(view.testsOf(PILLAR, 9), [
    {
      ...{ eventId: envelope.id, cause: 'daily', raisedAt: receivedAt, receivedAt },
      receiptedAt: new Date(Date.parse(receivedAt) + 7).toISOString(),
      ...{ sentMs: 4.5, receivedMs: 9.25 },
    },
  ]);
});

t.test(
  'one that is missing is one fault, of a device that is online too, and the next test ends it',
  async (t) => {
    const { devices, test, clock, recorded, incidents } = setting(t);
    devices.put({ ...PILLAR, online: true });
    await clock.advance(60_000);
    await test();
    await clock.advance(26 * HOUR_MS - 60_000);
    t.same(recorded, []);
    await clock.advance(50 * HOUR_MS);
    t.same(recorded, ['wp.path.missed.v1'], 'once');
    t.same(incidents(), ['wp.path.missed.v1 open']);
    await test();
    t.same(incidents(), ['wp.path.missed.v1 resolved']);
    await clock.advance(27 * HOUR_MS);
    t.equal(recorded.length, 2, 'and counts anew');
  },
);

t.test(
  'a device that never sent one is judged from when it was first seen, by its own interval',
  async (t) => {
    const { devices, clock, recorded } = setting(t);
    devices.put({ ...PILLAR, state: { online: true, boot: 1, conn: 1, testEveryH: 6 } });
    await clock.advance(8 * HOUR_MS);
    t.same(recorded, []);
    await clock.advance(300_000);
    t.same(recorded, ['wp.path.missed.v1']);
  },
);

t.test('a night switched off, and a wall clock years ahead, raise nothing', async (t) => {
  const { devices, clock, recorded, watch, begin, test } = setting(t);
  devices.put(PILLAR);
  await test();
  await clock.advance(20 * HOUR_MS);
  watch.close();
  clock.setWall(clock.wallMs() + 3650 * 24 * HOUR_MS);
  begin();
  await clock.advance(5 * HOUR_MS);
  t.same(recorded, []);
});

t.test('while a call for help is open no test is missed', async (t) => {
  const { devices, clock, recorded, take, view, desk, test } = setting(t);
  devices.put(PILLAR);
  await test();
  const { envelope } = await take({ type: 'wp.panic.pressed.v1', data: { cause: 'edge', edges: 1 } });
  await clock.advance(40 * HOUR_MS);
  t.same(recorded, []);
  await desk.act(view.incidentOfEvent(envelope.id) ?? '', 'resolve', {}, 'guard-1');
  await clock.advance(10 * 60_000);
  t.same(recorded, [], 'nor at once when it is over');
  await clock.advance(30 * 60_000);
  t.same(recorded, ['wp.path.missed.v1']);
});

t.test('of each device the newest 32 are kept', async (t) => {
  const { devices, test, view } = setting(t);
  devices.put(PILLAR);
  for (let n = 0; n < 40; n += 1) await test();
  t.equal(view.testsOf(PILLAR, 100).length, 32);
});
