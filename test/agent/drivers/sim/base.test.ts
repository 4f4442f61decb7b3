import t from 'tap';
import { SimBase } from '#agent/drivers/sim/base.ts';
import { SimBaseConfig } from '#agent/drivers/sim/config.ts';
import { DEAD_MAN_MS } from '#agent/ports/base.ts';
import { systemClock } from '#contract/clock.ts';
import { at, driven, simBase } from './sim-base.ts';
import { simWorld } from './sim-world.ts';

const far = { kind: 'pose', pose: at(50, 0) } as const;
const hold = { forMs: DEAD_MAN_MS, maxMps: 1 };

t.test('a caller that freezes with its whole process leaves a base that stands', async (t) => {
  const world = simWorld({ pose: at(0, 0) });
  const config = SimBaseConfig.parse({ driver: 'sim', map: 'site' });
  const base = new SimBase({ world, clock: systemClock, config });
  await base.start();
  const drive = base.drive(far, hold);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  const { motion, estimate } = base.read();
  t.equal(drive.outcome, 'expired');
  t.equal(motion?.isStill, true);
  const speedMps = (config.motors.accelerationMps2 * DEAD_MAN_MS) / 1000;
  const mostM = (speedMps * DEAD_MAN_MS) / 2000 + speedMps ** 2 / (2 * config.motors.brakeMps2);
  const x = estimate?.pose.x ?? 0;
  t.ok(x > 0, 'it had set off');
  t.ok(x <= mostM + 0.01, `${x} m, at most ${mostM}`);
  await base.close();
});

t.test('the same seed and the same orders are the same drive, however often somebody looks', async (t) => {
  const drive = async (seed: number, looks: number) => {
    const rig = await simBase({ seed, noise: { placeM: 0.05, slip: 0.05 } });
    const goal = { kind: 'path', poses: [at(2, 1), at(4, -1, 1)] } as const;
    const under = rig.base.drive(goal, hold);
    for (let ticks = 0; ticks < 400 && under.outcome === null; ticks += 1) {
      for (let look = 0; look < looks; look += 1) {
        await rig.clock.advance(50 / looks);
        rig.base.read();
      }
      under.refresh(hold);
    }
    return { outcome: under.outcome, pose: rig.truth(), ms: rig.clock.monoMs() };
  };
  const first = await drive(7, 1);
  t.equal(first.outcome, 'arrived');
  t.strictSame(await drive(7, 5), first);
  t.notSame((await drive(8, 1)).pose, first.pose);
});

t.test('it never goes faster than its motors, nor speeds up faster than they can', async (t) => {
  const { base, clock } = await simBase({ motors: { maxMps: 0.8, accelerationMps2: 0.5 } });
  const drive = base.drive(far, { ...hold, maxMps: 5 });
  let before = 0;
  let top = 0;
  for (let ticks = 0; ticks < 80; ticks += 1) {
    await clock.advance(50);
    drive.refresh({ ...hold, maxMps: 5 });
    const mps = base.read().motion?.linearMps ?? 0;
    if (mps - before > 0.5 * 0.05 + 1e-9) t.fail(`from ${before} to ${mps} in a tick`);
    before = mps;
    top = Math.max(top, mps);
  }
  t.ok(Math.abs(top - 0.8) < 1e-9, `${top}`);
});

t.test('it stops at what it runs into, and its bumper says so until that is away', async (t) => {
  const rig = await simBase();
  rig.order({ do: 'obstacle', x: 2, y: 0, radiusM: 0.5 });
  t.equal(await driven(rig, far), 'stopped');
  t.equal(rig.base.read().contacts.bumper, 'pressed');
  t.ok(rig.truth().x <= 1.25, 'the hull did not go in');
  t.throws(() => rig.base.drive(far, hold), { code: 'WP2803' });
  rig.order({ do: 'clear' });
  t.equal(rig.base.read().contacts.bumper, 'released');
  t.ok(rig.base.drive(far, hold));
});

t.test('a door that closes on it is felt, and one that is closed is seen', async (t) => {
  const doors = [
    {
      name: 'shop',
      line: [
        [2, -1],
        [2, 1],
      ],
      openS: 10,
      closedS: 10,
    },
  ];
  const rig = await simBase({ doors, x: 1 });
  t.equal(rig.base.read().obstacleM, 0.75);
  await rig.clock.advance(10_000);
  t.equal(rig.base.read().obstacleM, Number.POSITIVE_INFINITY);
  rig.world.setPose({ x: 1.9, y: 0, theta: 0 });
  await rig.clock.advance(10_000);
  t.equal(rig.base.read().contacts.bumper, 'pressed');
  t.throws(() => rig.order({ do: 'door', name: 'back', state: 'open' }), { code: 'WP2312', hint: /shop/ });
});

t.test('its battery drains, faster while it drives, and charges in the dock', async (t) => {
  const battery = { charge: 0.5, drivesForH: 1, standsForH: 10, chargesInH: 1 };
  const rig = await simBase({ battery, dock: { x: -1, y: 0, theta: Math.PI } });
  const charge = () => rig.base.read().battery?.charge ?? 0;
  await rig.clock.advance(36_000);
  t.ok(Math.abs(charge() - 0.499) < 1e-6, `${charge()} after a hundredth of an hour of standing`);
  const drive = rig.base.drive(far, hold);
  for (let ticks = 0; ticks < 720; ticks += 1) {
    drive.refresh(hold);
    await rig.clock.advance(50);
  }
  t.ok(Math.abs(charge() - 0.489) < 1e-5, `${charge()} after a hundredth of driving`);
  drive.cancel();
  rig.world.setPose({ x: 0, y: 0, theta: 0 });
  t.equal(await driven(rig, { kind: 'dock' }), 'arrived');
  const docked = charge();
  t.match(rig.base.read(), { isDocked: true, battery: { isCharging: true } });
  await rig.clock.advance(36_000);
  t.ok(Math.abs(charge() - docked - 0.01) < 1e-5);
  t.equal(await driven(rig, { kind: 'undock' }), 'arrived');
  t.match(rig.base.read(), { isDocked: false, battery: { isCharging: false } });
  rig.order({ do: 'battery', charge: 0.2 });
  t.equal(charge(), 0.2);
});

t.test(
  'a stuck wheel is told to turn and does not; a lifted robot turns its wheels in the air',
  async (t) => {
    const rig = await simBase();
    rig.order({ do: 'wheel', wheel: 'left', state: 'stuck' });
    const drive = rig.base.drive(far, hold);
    for (let ticks = 0; ticks < 8; ticks += 1) {
      await rig.clock.advance(50);
      drive.refresh(hold);
    }
    const [left, right] = rig.base.read().wheels;
    t.equal(left?.measuredMps, 0);
    t.ok((left?.commandedMps ?? 0) > 0.1);
    t.ok((right?.measuredMps ?? 0) > 0.05);
    rig.order({ do: 'lifted', state: 'pressed' });
    const { x } = rig.truth();
    await rig.clock.advance(2000);
    t.ok(rig.truth().x - x < 1e-9, 'it does not move');
  },
);

t.test('a push moves it, and odometry shows that for a moment', async (t) => {
  const rig = await simBase();
  rig.order({ do: 'push', x: 0.3, y: 0.1, theta: 0 });
  t.match(rig.truth(), { x: 0.3, y: 0.1, theta: 0 });
  t.equal(rig.base.read().motion?.isStill, false);
  await rig.clock.advance(500);
  t.equal(rig.base.read().motion?.isStill, true);
});

t.test(
  'a robot that is lost says so, one that is silent grows old, one that is blind sees nothing',
  async (t) => {
    const rig = await simBase();
    rig.order({ do: 'localisation', state: 'lost' });
    t.equal(rig.base.read().estimate?.isLocalized, false);
    rig.order({ do: 'localisation', state: 'found' });
    t.equal(rig.base.read().estimate?.isLocalized, true);
    rig.order({ do: 'sight', state: 'blind' });
    t.equal(rig.base.read().obstacleM, 'unknown');
    rig.order({ do: 'tilt', degrees: 12 });
    t.equal(rig.base.read().tiltDeg, 12);
    const atMs = rig.clock.monoMs();
    rig.order({ do: 'base', state: 'silent' });
    await rig.clock.advance(3000);
    t.equal(rig.base.read().atMs, atMs);
  },
);

t.test('an order that is none is refused', async (t) => {
  const rig = await simBase();
  t.throws(() => rig.world.robot.order({ do: 'fly' }), { code: 'WP2310' });
  await rig.base.close();
  t.throws(() => rig.world.robot, { code: 'WP2312' }, 'and there is none after the end');
});
