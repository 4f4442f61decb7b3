import t from 'tap';
import { Supervision } from '#broker/incidents/supervision.ts';
import { Ledger } from '#broker/persistence/ledger/ledger.ts';
import { Quarantine } from '#broker/persistence/ledger/quarantine.ts';
import { SiteEvents } from '#broker/persistence/ledger/site-events.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase, silentLog } from '#test/support/site-database.ts';
import { incidentSide, PILLAR, type Teardown } from '../support/desk.ts';

function setting(t: Teardown) {
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  const side = incidentSide({ db, clock });
  const recorded: string[] = [];
  const ledger = new Ledger({ store: db, quarantine: new Quarantine(db), clock });
  const events = new SiteEvents({
    ...{ store: db, clock, ledger, listener: side.desk },
    onRecorded: ({ envelope }) => void recorded.push(envelope.type),
  });
  const begin = () => {
    const supervision = new Supervision({
      ...{ db, clock, log: silentLog, devices: side.devices, events, defaultS: 100 },
    });
    supervision.start();
    t.teardown(() => supervision.close());
    return supervision;
  };
  t.teardown(() => side.escalation.close());
  const hear = () => {
    const state = { online: true, boot: 1, conn: 1, supervisionS: 30 };
    side.devices.put({ ...PILLAR, lastSeenAt: new Date(clock.wallMs()).toISOString(), state });
  };
  const incidents = () =>
    side.view.list({ states: ['open', 'resolved'], before: 1e9, limit: 9 }).map(({ item }) => item);
  return { clock, db, ...side, begin, hear, recorded, incidents };
}

t.test('a device silent past its interval is a fault once, and heard again it is resolved', async (t) => {
  const { begin, hear, clock, recorded, incidents, view } = setting(t);
  hear();
  begin();
  await clock.advance(30_000);
  t.same(recorded, []);
  await clock.advance(60_000);
  t.same(recorded, ['wp.supervision.lost.v1']);
  t.match(incidents(), [{ state: 'open', type: 'wp.supervision.lost.v1', device: 'pillar-001' }]);
  hear();
  await clock.advance(1_000);
  t.same(recorded, ['wp.supervision.lost.v1', 'wp.supervision.restored.v1']);
  t.equal(incidents()[0]?.state, 'resolved');
  t.match(view.detail(incidents()[0]?.id ?? '')?.steps.at(-1), { who: 'site', cause: 'restored' });
});

t.test('a device that is heard often is never a fault', async (t) => {
  const { begin, hear, clock, recorded } = setting(t);
  begin();
  for (let turn = 0; turn < 10; turn++) {
    hear();
    await clock.advance(20_000);
  }
  t.same(recorded, []);
});

t.test('a start of the site gives every device its interval, and forgets no fault', async (t) => {
  const { begin, hear, clock, recorded } = setting(t);
  hear();
  await clock.advance(3_600_000);
  const first = begin();
  await clock.advance(29_000);
  t.same(recorded, [], 'nobody was listening for an hour');
  await clock.advance(5_000);
  t.equal(recorded.length, 1);
  first.close();
  begin();
  await clock.advance(120_000);
  t.equal(recorded.length, 1);
});

t.test('a step of the wall clock is not silence', async (t) => {
  const { begin, hear, clock, recorded } = setting(t);
  hear();
  begin();
  await clock.advance(5_000);
  clock.setWall(clock.wallMs() + 86_400_000);
  await clock.advance(5_000);
  t.same(recorded, []);
});

t.test('a fault ends when the device is heard again though the wall clock was set back', async (t) => {
  const { begin, hear, clock, recorded } = setting(t);
  hear();
  begin();
  await clock.advance(60_000);
  t.same(recorded, ['wp.supervision.lost.v1']);
  clock.setWall(clock.wallMs() - 3_600_000);
  hear();
  await clock.advance(2_000);
  t.same(recorded, ['wp.supervision.lost.v1', 'wp.supervision.restored.v1']);
});

t.test('events of the site have no watermark that a device would be sent', async (t) => {
  const { begin, hear, clock, db } = setting(t);
  hear();
  begin();
  await clock.advance(60_000);
  t.equal(db.sql.prepare('SELECT count(*) FROM ledger_event').pluck().get(), 1);
  t.equal(db.sql.prepare('SELECT count(*) FROM ledger_lane').pluck().get(), 0);
});
