import t from 'tap';
import { DEFAULT_ESCALATION, dueRungs, EscalationTable } from '#broker/incidents/escalation-table.ts';
import { robotsByDistance } from '#broker/incidents/nearest-robot.ts';
import type { DeliveryProof, Notifier, NotifierMessage } from '#broker/incidents/notifier.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { fileDatabase, memoryDatabase } from '#test/support/site-database.ts';
import {
  type DeskSetting,
  type EventSketch,
  incidentSide,
  ledgerEvent,
  type Teardown,
} from '../support/desk.ts';

/** Takes everything, or as many refusals first as told. */
class RecordingNotifier implements Notifier {
  readonly name: string;
  readonly taken: NotifierMessage[] = [];
  refusals = 0;

  constructor(name: string) {
    this.name = name;
  }

  async send(message: NotifierMessage): Promise<DeliveryProof> {
    this.taken.push(message);
    if (this.refusals > 0) {
      this.refusals -= 1;
      throw new WatchpostError('WP3502', { detail: 'busy' });
    }
    return { at: '2026-01-01T00:00:00.000Z', status: 202, responseId: 'r-1' };
  }
}

function setting(t: Teardown, given: Partial<DeskSetting> = {}) {
  const clock = given.clock ?? new ManualClock();
  const db = given.db ?? memoryDatabase(t, { clock });
  const side = incidentSide({ db, clock, ...given });
  t.teardown(() => side.escalation.close());
  t.teardown(() => side.queue.close());
  const take = async (sketch: EventSketch) => {
    await db.commit(() => side.desk.onEvent(ledgerEvent(clock, sketch)));
    await clock.advance(0);
  };
  const incident = () => {
    const [found] = side.view.list({ states: ['open', 'acknowledged', 'resolved'], before: 1e9, limit: 1 });
    if (found === undefined) throw new RangeError('no incident');
    return found.item;
  };
  const rungs = () => incident().escalations.map(({ name }) => name);
  return { clock, db, ...side, take, incident, rungs };
}

t.test('with a console open the 1-3-5 circle is walked rung by rung', async (t) => {
  const { take, clock, rungs, incident } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  t.same(rungs(), ['nearest-robot-and-consoles']);
  t.equal(incident().nextEscalationAt, '2026-01-01T00:01:00.000Z');
  await clock.advance(59_999);
  t.equal(rungs().length, 1);
  await clock.advance(1);
  t.same(rungs().at(-1), 'site-guards');
  await clock.advance(120_000);
  t.same(rungs().at(-1), 'neighbouring-posts');
  await clock.advance(120_000);
  t.same(rungs().at(-1), 'upstream-centre');
  t.equal(incident().nextEscalationAt, null);
  t.equal(clock.pending, 0);
});

t.test('with no console open the second rung is taken at once', async (t) => {
  const { take, rungs, incident } = setting(t, { consoles: () => 0 });
  await take({ type: 'wp.panic.pressed.v1' });
  t.same(rungs(), ['nearest-robot-and-consoles', 'site-guards']);
  t.match(incident().escalations, [{ delivered: false }, { delivered: false }]);
  t.equal(incident().nextEscalationAt, '2026-01-01T00:03:00.000Z');
});

t.test(
  'an acknowledgement ends it; a further press begins it again until that is acknowledged',
  async (t) => {
    const { take, clock, rungs, incident, desk } = setting(t);
    await take({ type: 'wp.panic.pressed.v1' });
    await desk.act(incident().id, 'acknowledge', {}, 'desk-1');
    await clock.advance(600_000);
    t.equal(rungs().length, 1);
    await take({ type: 'wp.panic.repressed.v1' });
    await clock.advance(60_000);
    t.same(rungs().slice(1), ['nearest-robot-and-consoles', 'site-guards']);
    t.equal(incident().state, 'acknowledged');
    await desk.act(incident().id, 'acknowledge', {}, 'desk-1');
    await clock.advance(600_000);
    t.equal(rungs().length, 3);
    t.equal(clock.pending, 0);
  },
);

t.test('a test pages nobody; a fault only the consoles', async (t) => {
  const { take, clock, rungs } = setting(t, { consoles: () => 0 });
  await take({ type: 'wp.panic.pressed.v1', test: true });
  await clock.advance(600_000);
  t.same(rungs(), []);
  await take({ type: 'wp.supervision.lost.v1' });
  await clock.advance(600_000);
  t.same(rungs(), ['nearest-robot-and-consoles']);
});

t.test('after a restart it goes on from the time of receipt, and no rung is taken twice', async (t) => {
  const clock = new ManualClock();
  const db = fileDatabase(t, { clock, synchronous: 'NORMAL' });
  const guards = new RecordingNotifier('guards');
  const first = setting(t, { db, clock, notifiers: [guards] });
  await first.take({ type: 'wp.panic.pressed.v1' });
  await clock.advance(70_000);
  t.equal(guards.taken.length, 1);
  first.escalation.close();
  await first.queue.close();
  await clock.advance(60_000);
  const second = setting(t, { db, clock, notifiers: [guards] });
  second.queue.start();
  second.escalation.start();
  await clock.advance(0);
  t.equal(second.rungs().length, 2);
  await clock.advance(50_000);
  t.same(second.rungs().at(-1), 'neighbouring-posts', 'at three minutes from receipt, not from the restart');
  t.equal(guards.taken.length, 1);
});

t.test('rungs that fell due while the broker was down are all taken at the start', async (t) => {
  const clock = new ManualClock();
  const db = fileDatabase(t, { clock, synchronous: 'NORMAL' });
  const first = setting(t, { db, clock });
  await first.take({ type: 'wp.panic.pressed.v1' });
  first.escalation.close();
  await clock.advance(400_000);
  const second = setting(t, { db, clock });
  second.escalation.start();
  await clock.advance(0);
  t.equal(second.rungs().length, 4);
});

t.test('a step of the wall clock neither hurries nor delays it', async (t) => {
  const { take, clock, rungs } = setting(t);
  await take({ type: 'wp.panic.pressed.v1' });
  clock.setWall(clock.wallMs() + 3_600_000);
  await clock.advance(59_000);
  t.equal(rungs().length, 1);
  clock.setWall(clock.wallMs() - 7_200_000);
  await clock.advance(1_000);
  t.equal(rungs().length, 2);
});

t.test('a rung says whether somebody was told, with the proof', async (t) => {
  const guards = new RecordingNotifier('guards');
  guards.refusals = 2;
  const { take, clock, incident } = setting(t, { notifiers: [guards], consoles: () => 0 });
  await take({ type: 'wp.panic.pressed.v1' });
  t.equal(incident().escalations[1]?.delivered, null, 'still trying');
  while (incident().escalations[1]?.delivered === null) await clock.advance(500);
  t.match(incident().escalations[1], {
    delivered: true,
    notifications: [{ notifier: 'guards', attempts: 3, status: 202, responseId: 'r-1' }],
  });
  t.equal(new Set(guards.taken.map(({ id }) => id)).size, 1, 'one id at every attempt');
});

t.test('what is still to be sent when the incident is resolved is withdrawn', async (t) => {
  const guards = new RecordingNotifier('guards');
  guards.refusals = 100;
  const { take, clock, incident, desk } = setting(t, { notifiers: [guards], consoles: () => 0 });
  await take({ type: 'wp.panic.pressed.v1' });
  await desk.act(incident().id, 'resolve', {}, 'desk-1');
  const attempts = guards.taken.length;
  await clock.advance(3_600_000);
  t.equal(guards.taken.length, attempts);
  t.equal(incident().escalations[1]?.delivered, false);
});

t.test('a table that goes back in time is refused', async (t) => {
  const rung = { name: 'x', afterS: 0 };
  t.equal(EscalationTable.safeParse([{ ...rung, afterS: 60 }, rung]).success, false);
  t.equal(EscalationTable.safeParse(DEFAULT_ESCALATION).success, true);
});

t.test('nothing is due twice', async (t) => {
  const reached = new Set([0, 1]);
  const progress = { reach: 'all', elapsedMs: 90_000, reached, consoles: 0 } as const;
  t.same(dueRungs(DEFAULT_ESCALATION, progress), []);
});

t.test('the nearest robot is found by pose, else by coordinates, and only if it can go', async (t) => {
  const place = (x: number) => ({ label: 'x', pose: { map: 'm', x, y: 0, theta: 0 } });
  const robot = (device: string, at: object, panic = 'idle') => ({
    ...{ site: 'mall', device, online: true, lastSeenAt: null, place: { label: 'x', ...at } },
    state: {
      ...{ online: true, boot: 1, conn: 1 },
      profile: { name: 'r', version: 1, kind: 'robot' as const },
      outputs: { panic, lamp: 'idle', siren: false, voice: null },
    },
  });
  const devices = [
    robot('far', place(50)),
    robot('near', place(5)),
    robot('alarmed', place(1), 'pressed'),
    { ...robot('off', place(1)), online: false },
    robot('unknown', {}),
  ];
  t.same(robotsByDistance(place(0), devices, 'mall.pillar'), ['mall.near', 'mall.far', 'mall.unknown']);
  t.same(robotsByDistance(place(0), devices, 'mall.near'), ['mall.far', 'mall.unknown']);
  const outside = [
    robot('a', { latitude: 31.3, longitude: 121.5 }),
    robot('b', { latitude: 31.2001, longitude: 121.5 }),
  ];
  t.same(robotsByDistance({ label: 'g', latitude: 31.2, longitude: 121.5 }, outside, ''), [
    'mall.b',
    'mall.a',
  ]);
});
