import t from 'tap';
import { AREA, type Controlled, controlled, Driver, to } from './fixture.ts';

const far = to(50, 0);
const DOCK = { dock: { x: -2, y: 0, theta: Math.PI } };

/** A robot at full speed. */
async function underWay(config: Record<string, unknown> = {}, drive: Record<string, unknown> = {}) {
  const rig = await controlled(config, drive);
  const driver = new Driver(rig, { rank: 'order', goal: far });
  await rig.clock.advance(2500);
  return { ...rig, driver };
}

/** Lets a tick pass and answers whether the base has nothing more to do. */
async function isHeldAfterATick(rig: Controlled): Promise<boolean> {
  await rig.clock.advance(50);
  const { x } = rig.truth();
  await rig.clock.advance(1500);
  return rig.truth().x - x <= 0.55 && rig.base.read().motion?.isStill === true;
}

const FAULTS = [
  ['emergency-stop', (rig) => rig.order({ do: 'emergency-stop', state: 'pressed' })],
  ['bumper', (rig) => rig.order({ do: 'bumper', state: 'pressed' })],
  ['lifted', (rig) => rig.order({ do: 'lifted', state: 'pressed' })],
  ['tilted', (rig) => rig.order({ do: 'tilt', degrees: 12 })],
  ['blind', (rig) => rig.order({ do: 'sight', state: 'blind' })],
  ['not-localized', (rig) => rig.order({ do: 'localisation', state: 'lost' })],
  ['battery-critical', (rig) => rig.order({ do: 'battery', charge: 0.05 })],
  ['own-press', (rig) => Object.assign(rig.around, { isCalling: true })],
] as const satisfies readonly (readonly [string, (rig: Controlled) => unknown])[];

for (const [cause, begin] of FAULTS) {
  t.test(`${cause}: a robot under way is stopped within one tick, and nobody gets it`, async (t) => {
    const rig = await underWay();
    begin(rig);
    t.ok(await isHeldAfterATick(rig));
    t.same(rig.told, [`+${cause}`]);
    t.same(rig.driver.ends, [{ ended: 'preempted', by: 'safety' }]);
    t.equal(new Driver(rig, { rank: 'survival', goal: far }).granted, false);
    t.equal(rig.control.doing, 'stopped');
  });
}

t.test('a stuck wheel stops it after its time, and it stays so until somebody was there', async (t) => {
  const rig = await underWay();
  rig.order({ do: 'wheel', wheel: 'left', state: 'stuck' });
  await rig.clock.advance(2500);
  t.same(rig.told, ['+stuck']);
  rig.order({ do: 'wheel', wheel: 'left', state: 'free' });
  await rig.clock.advance(60_000);
  t.same(rig.told, ['+stuck']);
  rig.order({ do: 'emergency-stop', state: 'pressed' });
  rig.order({ do: 'emergency-stop', state: 'released' });
  await rig.clock.advance(2100);
  t.same(rig.control.causes, []);
});

t.test('a base that falls silent is stopped half a second later', async (t) => {
  const rig = await underWay();
  rig.order({ do: 'base', state: 'silent' });
  await rig.clock.advance(600);
  t.same(rig.told, ['+base-silent']);
  t.equal(rig.control.reading, null);
  rig.order({ do: 'base', state: 'answers' });
  await rig.clock.advance(2100);
  t.same(rig.control.causes, []);
});

t.test('it stops at the edge of its map, and is let go when it was brought back', async (t) => {
  const rig = await underWay({}, { areas: [AREA] });
  await rig.clock.advance(10_000);
  t.same(rig.told, ['+off-map']);
  t.ok(rig.truth().x > 5 && rig.truth().x < 5.6, `${rig.truth().x}`);
  rig.world.setPose({ x: 0, y: 0, theta: 0 });
  await rig.clock.advance(2100);
  t.same(rig.control.causes, []);
});

t.test('it is slower in a slow zone, near people, and before what is in its way', async (t) => {
  const speed = (rig: Controlled) => rig.base.read().motion?.linearMps ?? 0;
  const slow = await controlled({ x: -4.5, y: -4 }, { areas: [AREA] });
  new Driver(slow, { rank: 'order', goal: to(4, -4) });
  await slow.clock.advance(3000);
  t.ok(speed(slow) > 0.1 && speed(slow) <= 0.2 + 1e-9, `${speed(slow)}`);
  await slow.clock.advance(6000);
  t.ok(speed(slow) > 0.9, 'and fast again behind it');

  const near = await underWay();
  near.around.people = { count: 5, atMs: near.clock.monoMs() };
  await near.clock.advance(1500);
  t.ok(Math.abs(speed(near) - 0.3) < 1e-9);
  t.equal(near.control.limit.by, 'people');
});

t.test('low battery: it goes to its dock by itself, stays until it is charged, and tells', async (t) => {
  const battery = { charge: 0.6, chargesInH: 0.05, drivesForH: 100 };
  const rig = await controlled({ ...DOCK, battery });
  const order = new Driver(rig, { rank: 'order', goal: to(3, 0) });
  await rig.clock.advance(1000);
  rig.order({ do: 'battery', charge: 0.2 });
  await rig.clock.advance(100);
  t.same(order.ends, [{ ended: 'preempted', by: 'survival' }]);
  t.equal(rig.battery.length, 1);
  await rig.clock.advance(20_000);
  t.equal(rig.base.read().isDocked, true);
  t.equal(rig.control.doing, 'survival:stay');
  t.equal(new Driver(rig, { rank: 'order', goal: to(0, 0) }).granted, false, 'not before it is charged');
  await rig.clock.advance(60_000);
  t.equal(rig.control.doing, 'idle');
  t.equal(rig.battery.at(-1), null);
  t.equal(new Driver(rig, { rank: 'order', goal: to(0, 0) }).granted, true);
});

t.test('link lost: it docks after its time, and is free again as soon as the link is back', async (t) => {
  const rig = await controlled(DOCK, { linkLost: 'dock' });
  rig.around.linkLostForMs = 60_000;
  await rig.clock.advance(100);
  t.equal(rig.control.doing, 'survival:dock');
  rig.around.linkLostForMs = null;
  await rig.clock.advance(100);
  t.equal(rig.control.doing, 'idle');
});

t.test('after an emergency stop it does not set off for its dock for ten seconds', async (t) => {
  const rig = await controlled(DOCK);
  rig.order({ do: 'emergency-stop', state: 'pressed' });
  rig.order({ do: 'battery', charge: 0.2 });
  await rig.clock.advance(1000);
  rig.order({ do: 'emergency-stop', state: 'released' });
  await rig.clock.advance(11_000);
  t.equal(rig.control.doing, 'survival:stay');
  t.equal(rig.truth().x, 0);
  await rig.clock.advance(2000);
  t.equal(rig.control.doing, 'survival:dock');
});

t.test('a way home that is blocked is told, tried again, and told to be over', async (t) => {
  const rig = await controlled(DOCK, { blockedAfterS: 1 });
  rig.order({ do: 'obstacle', x: -1, y: 0, radiusM: 0.3 });
  rig.order({ do: 'battery', charge: 0.2 });
  await rig.clock.advance(20_000);
  t.same(rig.homing, [{ ended: 'blocked' }]);
  rig.order({ do: 'clear' });
  await rig.clock.advance(25_000);
  t.equal(rig.base.read().isDocked, true);
  t.same(rig.homing, [{ ended: 'blocked' }, null]);
});

t.test('what it is told by does not hold it up: a listener that throws changes nothing', async (t) => {
  const rig = await underWay();
  rig.told.push = () => {
    throw new TypeError('broken');
  };
  rig.order({ do: 'bumper', state: 'pressed' });
  t.ok(await isHeldAfterATick(rig));
});

t.test(
  'whatever goes wrong while it judges, the robot is stopped, and goes on when that is over',
  async (t) => {
    const rig = await underWay();
    const { around } = rig;
    Object.defineProperty(around, 'people', {
      configurable: true,
      get: () => {
        throw new TypeError('broken');
      },
    });
    t.ok(await isHeldAfterATick(rig));
    t.same(rig.driver.ends, [{ ended: 'preempted', by: 'safety' }]);
    t.equal(new Driver(rig, { rank: 'order', goal: far }).granted, false);
    Object.defineProperty(around, 'people', { value: null });
    await rig.clock.advance(100);
    t.equal(new Driver(rig, { rank: 'order', goal: far }).granted, true);
  },
);

t.test('its end stops the robot and leaves nothing behind', async (t) => {
  const rig = await underWay();
  rig.driver.freeze();
  rig.control.close();
  rig.control.close();
  t.same(rig.driver.ends, [{ ended: 'preempted', by: 'safety' }]);
  await rig.base.close();
  t.equal(rig.clock.pending, 0);
});
