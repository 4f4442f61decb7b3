import t from 'tap';
import { listAudit } from '#broker/persistence/ledger/audit-log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase } from '#test/support/site-database.ts';
import {
  type EventSketch,
  incidentSide,
  ledgerEvent,
  PILLAR,
  PLACE,
  type Teardown,
} from '../support/desk.ts';

function setting(t: Teardown) {
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  const side = incidentSide({ db, clock });
  t.teardown(() => side.escalation.close());
  const take = (sketch: EventSketch) => db.commit(() => side.desk.onEvent(ledgerEvent(clock, sketch)));
  const all = () =>
    side.view
      .list({
        states: ['open', 'acknowledged', 'assigned', 'on-scene', 'resolved', 'reviewed'],
        before: 1e9,
        limit: 100,
      })
      .map(({ item }) => item);
  return { clock, db, ...side, take, all };
}

t.test('a press opens an incident that says where, and a further press joins it', async (t) => {
  const { take, all, view } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  await take({ type: 'wp.panic.repressed.v1' });
  const [incident, ...others] = all();
  t.same(others, []);
  t.match(incident, {
    state: 'open',
    device: 'pillar-001',
    place: PLACE,
    alarmCount: 2,
    rev: 2,
    test: false,
  });
  const detail = view.detail(incident?.id ?? '');
  t.same(
    detail?.alarms.map(({ type }) => type),
    ['wp.panic.pressed.v1', 'wp.panic.repressed.v1'],
  );
  t.match(detail?.steps, [{ state: 'open', who: 'site' }]);
});

t.test('an event joins once, however often it is taken', async (t) => {
  const { take, all, clock } = setting(t);
  const { envelope } = ledgerEvent(clock, { type: 'wp.panic.pressed.v1' });
  await take({ type: 'wp.panic.pressed.v1', id: envelope.id });
  await take({ type: 'wp.panic.pressed.v1', id: envelope.id });
  t.match(all(), [{ alarmCount: 1, rev: 1 }]);
});

t.test('alarms of different kinds, devices and objects are incidents of their own', async (t) => {
  const { take, all } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  await take({ type: 'wp.panic.pressed.v1', from: { site: 'mall', device: 'pillar-002' } });
  await take({ type: 'wp.smoke.detected.v1' });
  await take({ type: 'wp.object.left.v1', data: objectData('o1') });
  await take({ type: 'wp.object.left.v1', data: objectData('o1') });
  await take({ type: 'wp.object.left.v1', data: objectData('o2') });
  t.equal(all().length, 5);
  t.equal(all().find(({ alarmCount }) => alarmCount === 2)?.type, 'wp.object.left.v1');
});

t.test('the picture of a detection stands on the incident', async (t) => {
  const { take, all, view } = setting(t);
  const picture = {
    ...{ blobId: 'b-1', mediaType: 'image/png', bytes: 10, pieces: 1 },
    sha256: 'a'.repeat(64),
  };
  await take({ type: 'wp.object.left.v1', data: { ...objectData('o1'), picture } });
  t.match(view.detail(all()[0]?.id ?? '')?.alarms, [{ picture }]);
});

t.test('a test and a real press never share an incident', async (t) => {
  const { take, all } = setting(t);
  await take({ type: 'wp.panic.pressed.v1', test: true });
  await take({ type: 'wp.panic.pressed.v1' });
  t.same(
    all().map(({ test, escalations }) => [test, escalations.length]),
    [
      [false, 1],
      [true, 0],
    ],
  );
});

t.test('an alarm that could not be read opens an incident at the place the device last named', async (t) => {
  const { db, desk, devices, all, clock } = setting(t);
  devices.put({ ...PILLAR, place: PLACE });
  const poisoned = { ...PILLAR, receivedAt: new Date(clock.wallMs()).toISOString(), code: 'WP1002' as const };
  await db.commit(() => desk.onPoisonedAlarm({ ...poisoned, quarantineRow: 1, eventId: null, type: null }));
  await db.commit(() =>
    desk.onPoisonedAlarm({ ...poisoned, quarantineRow: 2, eventId: 'x', type: 'wp.panic.pressed.v1' }),
  );
  t.same(
    all().map(({ type, place }) => [type, place?.label]),
    [
      ['wp.panic.pressed.v1', 'North gate'],
      ['wp.alarm.unreadable.v1', 'North gate'],
    ],
  );
});

t.test('when the ingest transaction fails there is no incident and nobody is told', async (t) => {
  const { db, desk, clock, all, changes } = setting(t);
  const failing = db.commit(() => {
    desk.onEvent(ledgerEvent(clock, { type: 'wp.panic.pressed.v1' }));
    throw new RangeError('after the incident');
  });
  await t.rejects(failing, RangeError);
  t.same(all(), []);
  t.same(changes, []);
});

t.test('an alarm of an unset clock gets its true time when the ledger has found it', async (t) => {
  const { db, desk, clock, all, view } = setting(t);
  const event = ledgerEvent(clock, { type: 'wp.panic.pressed.v1' });
  await db.commit(() => desk.onEvent(event));
  await db.commit(() => desk.onRedated({ ...event, happenedAt: '2025-12-31T23:00:00.000Z' }));
  t.match(view.detail(all()[0]?.id ?? '')?.alarms, [{ time: '2025-12-31T23:00:00.000Z' }]);
});

t.test('people take it to its end; each step says who, when and why, and is in the audit', async (t) => {
  const { take, all, desk, view, db, clock } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  const id = all()[0]?.id ?? '';
  await desk.act(id, 'acknowledge', { note: 'seen' }, 'desk-1');
  await clock.advance(1000);
  await desk.act(id, 'assign', { assignee: 'guard-1' }, 'desk-1');
  await desk.act(id, 'arrive', {}, 'guard-1');
  await desk.act(id, 'resolve', { cause: 'false-alarm' }, 'guard-1');
  await desk.act(id, 'review', {}, 'supervisor-1');
  const detail = view.detail(id);
  t.match(detail, { state: 'reviewed', assignee: 'guard-1', rev: 6 });
  t.ok((detail?.resolvedAt ?? '') > (detail?.acknowledgedAt ?? ''));
  t.match(detail?.steps.slice(1), [
    { state: 'acknowledged', who: 'desk-1', note: 'seen' },
    { state: 'assigned', who: 'desk-1', assignee: 'guard-1' },
    { state: 'on-scene', who: 'guard-1' },
    { state: 'resolved', who: 'guard-1', cause: 'false-alarm' },
    { state: 'reviewed', who: 'supervisor-1' },
  ]);
  const audited = listAudit(db.sql, { before: 1e9, limit: 100 }).map(({ action }) => action);
  t.same(audited.filter((action) => action !== 'incident.escalated').reverse(), [
    'incident.open',
    'incident.acknowledge',
    'incident.assign',
    'incident.arrive',
    'incident.resolve',
    'incident.review',
  ]);
});

t.test('a repeat changes nothing; a step back and an unknown incident are refused', async (t) => {
  const { take, all, desk, view } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  const id = all()[0]?.id ?? '';
  await desk.act(id, 'arrive', {}, 'guard-1');
  const before = view.detail(id);
  await desk.act(id, 'arrive', {}, 'auditor-1');
  t.same(view.detail(id), before);
  await t.rejects(desk.act(id, 'acknowledge', {}, 'guard-1'), { code: 'WP3201' });
  await t.rejects(desk.act('none', 'acknowledge', {}, 'guard-1'), { code: 'WP3202' });
});

t.test('assigning without a name assigns to whoever does it, once', async (t) => {
  const { take, all, desk, view } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  const id = all()[0]?.id ?? '';
  await desk.act(id, 'assign', {}, 'guard-1');
  await desk.act(id, 'assign', {}, 'auditor-1');
  t.match(view.item(id), { assignee: 'guard-1', rev: 2 });
  t.ok(view.item(id)?.acknowledgedAt, 'skipping the acknowledgement is one');
});

t.test('a press after the incident is closed opens another', async (t) => {
  const { take, all, desk } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  await desk.act(all()[0]?.id ?? '', 'resolve', {}, 'guard-1');
  await take({ type: 'wp.panic.pressed.v1' });
  t.same(
    all().map(({ state }) => state),
    ['open', 'resolved'],
  );
});

t.test('a fault is resolved by itself when it is over', async (t) => {
  const { take, all, view } = setting(t);
  await take({ type: 'wp.health.changed.v1', data: { part: 'camera', state: 'failed' } });
  await take({ type: 'wp.health.changed.v1', data: { part: 'disk', state: 'failed' } });
  await take({ type: 'wp.health.changed.v1', data: { part: 'camera', state: 'ok' } });
  t.same(
    all().map(({ state }) => state),
    ['open', 'resolved'],
  );
  t.match(view.detail(all()[1]?.id ?? '')?.steps.at(-1), { who: 'site', cause: 'recovered' });
});

t.test('a device is told of all that is not over, and of what ended lately, oldest first', async (t) => {
  const { take, all, desk, view, clock } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  await desk.act(all()[0]?.id ?? '', 'review', {}, 'supervisor-1');
  await clock.advance(1000);
  const sinceMs = clock.wallMs() - 500;
  await take({ type: 'wp.smoke.detected.v1' });
  await take({ type: 'wp.panic.pressed.v1' });
  const notices = view.noticesFor(PILLAR, sinceMs);
  t.match(notices, [
    { state: 'open', rev: 1 },
    { state: 'open', rev: 1 },
  ]);
  t.same(
    notices.map(({ alarmIds }) => alarmIds.length),
    [1, 1],
  );
  const laterMs = clock.wallMs() + 1;
  t.equal(view.noticesFor(PILLAR, laterMs).length, 2, 'what is open is told however old it is');
  await clock.advance(1000);
  await desk.act(all()[0]?.id ?? '', 'review', {}, 'supervisor-1');
  t.match(
    view.noticesFor(PILLAR, laterMs),
    [{ state: 'open' }, { state: 'reviewed' }],
    'and so is a late end',
  );
  t.same(view.noticesFor({ site: 'mall', device: 'other' }, 0), []);
});

function objectData(objectId: string) {
  return { objectId, box: [0, 0, 0.1, 0.1], score: 0.9, reason: 'still', t: 1, since: 0, camera: 'front' };
}
