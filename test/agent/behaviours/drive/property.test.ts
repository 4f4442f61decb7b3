import t from 'tap';
import type { RobotOrder } from '#agent/drivers/sim/robot-orders.ts';
import { seeded } from '#test/support/random.ts';
import { AREA, type Controlled, controlled, Driver, to } from './fixture.ts';

const SEEDS = 25;
/** `DRIVE_SEED` sees one again. */
const FIRST = Number(process.env.DRIVE_SEED ?? 1);
const TICKS = 1200;
/** Braking from full speed, at 1 m/s each second, and a tick to notice. */
const BRAKED_MS = 1000 + 100;

type Roll = (below: number) => number;

const ORDERS: readonly ((roll: Roll) => RobotOrder)[] = [
  (roll) => ({ do: 'emergency-stop', state: state(roll) }),
  (roll) => ({ do: 'bumper', state: state(roll) }),
  (roll) => ({ do: 'lifted', state: state(roll) }),
  (roll) => ({ do: 'tilt', degrees: roll(3) === 0 ? 15 : 0 }),
  (roll) => ({
    do: 'wheel',
    wheel: roll(2) === 0 ? 'left' : 'right',
    state: roll(2) === 0 ? 'stuck' : 'free',
  }),
  (roll) => ({ do: 'localisation', state: roll(3) === 0 ? 'lost' : 'found' }),
  (roll) => ({ do: 'battery', charge: [0.05, 0.2, 0.9, 0.9][roll(4)] ?? 1 }),
  (roll) => ({ do: 'obstacle', x: roll(9) - 4, y: roll(9) - 4, radiusM: 0.3 }),
  () => ({ do: 'clear' }),
  (roll) => ({ do: 'sight', state: roll(3) === 0 ? 'blind' : 'clear' }),
  (roll) => ({ do: 'base', state: roll(3) === 0 ? 'silent' : 'answers' }),
];
const state = (roll: Roll) => (roll(3) === 0 ? 'pressed' : 'released');

/** Something happens to the robot, or somebody wants to drive it. */
function shake(rig: Controlled, roll: Roll): void {
  const order = ORDERS[roll(ORDERS.length)];
  if (roll(100) === 0) mend(rig);
  if (roll(60) === 0 && order !== undefined) rig.order(order(roll));
  if (roll(200) === 0) rig.around.isCalling = roll(3) === 0;
  if (roll(200) === 0) rig.around.linkLostForMs = roll(2) === 0 ? 100_000 : null;
  if (roll(400) === 0) rig.world.setPose({ x: roll(9) - 4, y: roll(9) - 4, theta: roll(6) });
  if (roll(30) !== 0) return;
  const rank = (['order', 'survival', 'idle'] as const)[roll(3)] ?? 'order';
  const driver = new Driver(rig, { rank, goal: to(roll(12) - 6, roll(12) - 6, roll(6)) });
  if (roll(4) === 0) driver.freeze();
}

/** Somebody comes, takes away what is in its way, and sets it right. */
function mend(rig: Controlled): void {
  rig.around.isCalling = false;
  const orders: RobotOrder[] = [
    { do: 'clear' },
    { do: 'emergency-stop', state: 'pressed' },
    { do: 'emergency-stop', state: 'released' },
    { do: 'bumper', state: 'released' },
    { do: 'lifted', state: 'released' },
    { do: 'tilt', degrees: 0 },
    { do: 'wheel', wheel: 'left', state: 'free' },
    { do: 'wheel', wheel: 'right', state: 'free' },
    { do: 'localisation', state: 'found' },
    { do: 'battery', charge: 0.9 },
    { do: 'sight', state: 'clear' },
    { do: 'base', state: 'answers' },
  ];
  for (const order of orders) rig.order(order);
  rig.world.setPose({ x: 0, y: 0, theta: 0 });
}

/** Runs one seed; answers the moments at which it moved though something had held it for longer than it takes to brake. */
async function violations(seed: number): Promise<{ bad: string[]; movedM: number; stops: number }> {
  const roll = seeded(seed);
  const rig = await controlled(
    { seed, noise: { placeM: 0.02, slip: 0.02 }, dock: { x: -4, y: 0, theta: Math.PI } },
    { areas: [AREA], stuckAfterS: 1 },
  );
  const bad: string[] = [];
  let sinceMs: number | null = null;
  let movedM = 0;
  for (let tick = 0; tick < TICKS; tick += 1) {
    shake(rig, roll);
    const before = rig.truth();
    await rig.clock.advance(50);
    const { x, y } = rig.truth();
    const stepM = Math.hypot(x - before.x, y - before.y);
    movedM += stepM;
    const { causes } = rig.control;
    sinceMs = causes.length === 0 ? null : (sinceMs ?? rig.clock.monoMs());
    const isBraked = sinceMs !== null && rig.clock.monoMs() - sinceMs > BRAKED_MS;
    if (isBraked && stepM > 1e-6)
      bad.push(`seed ${seed}, tick ${tick}: ${stepM} m with ${causes.join(', ')}`);
  }
  return { bad, movedM, stops: rig.told.filter((change) => change.startsWith('+')).length };
}

t.test('whatever happens and whoever drives, a robot never moves while a cause holds it', async (t) => {
  let movedM = 0;
  let stops = 0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
    const run = await violations(seed);
    t.same(run.bad.slice(0, 1), []);
    movedM += run.movedM;
    stops += run.stops;
  }
  t.ok(movedM > SEEDS, `it did move: ${Math.round(movedM)} m`);
  t.ok(stops > SEEDS * 2, `and was stopped: ${stops} times`);
  t.comment(`${SEEDS} seeds of a minute: ${Math.round(movedM)} m, ${stops} causes`);
});
