import t from 'tap';
import { controlled, Driver, to } from './fixture.ts';

const far = to(50, 0);

t.test('nobody is let near the base before the first reading, nor while a cause holds it', async (t) => {
  const rig = await controlled();
  rig.order({ do: 'emergency-stop', state: 'pressed' });
  const driver = new Driver(rig, { rank: 'survival', goal: far });
  t.equal(driver.granted, false);
  await rig.clock.advance(1000);
  t.same(driver.ends, []);
  t.equal(rig.truth().x, 0);
});

t.test(
  'a drive that is granted goes on while it is refreshed, and ends with what the base says',
  async (t) => {
    const rig = await controlled();
    const driver = new Driver(rig, { rank: 'order', goal: to(1, 0) });
    await rig.clock.advance(10_000);
    t.same(driver.ends, [{ ended: 'arrived' }]);
    t.equal(rig.control.doing, 'idle');
  },
);

t.test(
  'survival takes the base from an order within a tick; the order is told, and asks in vain',
  async (t) => {
    const rig = await controlled();
    const order = new Driver(rig, { rank: 'order', goal: far });
    await rig.clock.advance(1000);
    const survival = new Driver(rig, { rank: 'survival', goal: to(0, 0) });
    t.same(order.ends, [{ ended: 'preempted', by: 'survival' }], 'at once');
    t.equal(rig.control.doing, 'survival:pose');
    t.equal(new Driver(rig, { rank: 'order', goal: far }).granted, false);
    t.equal(new Driver(rig, { rank: 'idle', goal: far }).granted, false);
    await rig.clock.advance(50);
    await rig.clock.advance(20_000);
    t.same(survival.ends, [{ ended: 'arrived' }]);
    t.equal(new Driver(rig, { rank: 'idle', goal: far }).granted, true, 'and after it anybody may');
  },
);

t.test('a new order takes the place of the one under way', async (t) => {
  const rig = await controlled();
  const first = new Driver(rig, { rank: 'order', goal: far });
  await rig.clock.advance(500);
  const second = new Driver(rig, { rank: 'order', goal: to(1, 0) });
  t.same(first.ends, [{ ended: 'preempted', by: 'order' }]);
  await rig.clock.advance(10_000);
  t.same(second.ends, [{ ended: 'arrived' }]);
});

t.test(
  'safety takes it from everybody within the tick, and a robot that is let go stands until it is asked',
  async (t) => {
    const rig = await controlled();
    const driver = new Driver(rig, { rank: 'survival', goal: far });
    await rig.clock.advance(2000);
    rig.order({ do: 'emergency-stop', state: 'pressed' });
    t.same(driver.ends, [{ ended: 'preempted', by: 'safety' }], 'in the same moment');
    rig.order({ do: 'emergency-stop', state: 'released' });
    await rig.clock.advance(3000);
    t.same(rig.told, ['+emergency-stop', '-emergency-stop']);
    const { x } = rig.truth();
    await rig.clock.advance(60_000);
    t.equal(rig.truth().x, x);
    t.equal(new Driver(rig, { rank: 'order', goal: far }).granted, true);
  },
);

t.test('whoever drives and freezes leaves a robot that stands 300 ms later, and that is told', async (t) => {
  const rig = await controlled();
  const driver = new Driver(rig, { rank: 'order', goal: far });
  await rig.clock.advance(2500);
  driver.freeze();
  const { x } = rig.truth();
  await rig.clock.advance(5000);
  t.same(driver.ends, [{ ended: 'expired' }]);
  t.same(rig.told, ['+caller-frozen', '-caller-frozen']);
  // At 1 m/s for 300 ms and a tick, then braking at 1 m/s each second.
  const mostM = 0.35 + 0.5;
  t.ok(rig.truth().x - x <= mostM, `${rig.truth().x - x} m`);
});

t.test('a control that freezes leaves a robot that stands too: the base has its own dead-man', async (t) => {
  const rig = await controlled();
  const driver = new Driver(rig, { rank: 'order', goal: far });
  await rig.clock.advance(2500);
  rig.control.tick = () => undefined;
  const { x } = rig.truth();
  await rig.clock.advance(5000);
  t.ok(rig.truth().x - x <= 0.35 + 0.5);
  t.equal(rig.base.read().motion?.isStill, true);
  t.same(driver.ends, [], 'with nobody there to tell it');
});

t.test('an owner that throws when it is told changes nothing', async (t) => {
  const rig = await controlled();
  rig.control.desk.ask({
    rank: 'order',
    goal: far,
    onEnd: () => {
      throw new TypeError('broken');
    },
  });
  t.equal(new Driver(rig, { rank: 'survival', goal: to(1, 0) }).granted, true);
});

t.test('who asks again while being put out finds the base taken', async (t) => {
  const rig = await controlled();
  const again: boolean[] = [];
  const ask = (onEnd: () => void) => rig.control.desk.ask({ rank: 'order', goal: far, onEnd }).granted;
  ask(() => again.push(ask(() => undefined)));
  const survival = new Driver(rig, { rank: 'survival', goal: to(1, 0) });
  t.equal(survival.granted, true);
  t.same(again, [false]);
  await rig.clock.advance(10_000);
  t.same(survival.ends, [{ ended: 'arrived' }]);
});

t.test('a base that refuses a goal ends the drive with its code', async (t) => {
  const rig = await controlled();
  const driver = new Driver(rig, { rank: 'order', goal: { kind: 'dock' } });
  await rig.clock.advance(100);
  t.same(driver.ends, [{ ended: 'refused', code: 'WP2802' }]);
});

t.test('something in its way for ten seconds ends the drive as blocked', async (t) => {
  const rig = await controlled();
  rig.order({ do: 'obstacle', x: 3, y: 0, radiusM: 0.5 });
  const driver = new Driver(rig, { rank: 'order', goal: far });
  await rig.clock.advance(12_000);
  t.same(driver.ends, []);
  t.same(rig.told, [], 'it stood before it, and did not touch it');
  await rig.clock.advance(13_000);
  t.same(driver.ends, [{ ended: 'blocked' }]);
  const { obstacleM } = rig.base.read();
  t.ok(typeof obstacleM === 'number' && obstacleM >= 0.2, `${obstacleM} m`);
});

t.test('a way that is free again within that time is gone on with', async (t) => {
  const rig = await controlled();
  rig.order({ do: 'obstacle', x: 2, y: 0, radiusM: 0.5 });
  const driver = new Driver(rig, { rank: 'order', goal: to(4, 0) });
  await rig.clock.advance(8000);
  rig.order({ do: 'clear' });
  await rig.clock.advance(15_000);
  t.same(driver.ends, [{ ended: 'arrived' }]);
});
