import t from 'tap';
import { PoseWatch } from '#agent/behaviours/detection/pose-watch.ts';
import { type CameraPose, Waypoint } from '#agent/ports/vision-pose.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const WAYPOINTS = [
  { name: 'atrium', x: 0, y: 0 },
  { name: 'gate', x: 10, y: 0, withinM: 1 },
].map((each) => Waypoint.parse(each));

function watching() {
  const clock = new ManualClock();
  const told: CameraPose[] = [];
  const pose = { map: 'site', x: 0, y: 0, theta: 0 };
  const watch = new PoseWatch({
    base: { pose: () => ({ ...pose }) },
    waypoints: WAYPOINTS,
    clock,
    onPose: (each) => told.push(each),
  });
  return { clock, told, pose, watch };
}

t.test('a robot that stands from the start is told once, with the waypoint it stands at', async (t) => {
  const { clock, told, watch } = watching();
  watch.start();
  await clock.advance(10_000);
  t.same(told, [{ still: true, waypoint: 'atrium', heading: 0 }]);
  watch.close();
  t.equal(clock.pending, 0);
});

t.test('one that sets off is told at once, and again when it has stopped elsewhere', async (t) => {
  const { clock, told, pose, watch } = watching();
  watch.start();
  for (let step = 1; step <= 20; step++) {
    pose.x = step / 2;
    await clock.advance(200);
  }
  t.same(told.slice(1), [{ still: false }], 'said once while it moves');
  pose.x = 10.4;
  pose.theta = 2 * Math.PI + 0.5;
  await clock.advance(3000);
  t.match(told.at(-1), { still: true, waypoint: 'gate' });
  t.ok(Math.abs((told.at(-1)?.heading ?? 0) - 0.5) < 1e-9, 'headings are within half a turn');
  watch.close();
});

t.test('a creep of a few millimetres a step is moving, a trembling odometer is not', async (t) => {
  const { clock, told, pose, watch } = watching();
  watch.start();
  for (let step = 0; step < 50; step++) {
    pose.x = step % 2 === 0 ? 0.004 : 0;
    await clock.advance(200);
  }
  t.equal(told.length, 1);
  for (let step = 0; step < 20; step++) {
    pose.x += 0.006;
    await clock.advance(200);
  }
  t.equal(told.at(-1)?.still, false);
  watch.close();
});

t.test('turning on the spot is moving, and away from every waypoint it has no name', async (t) => {
  const { clock, told, pose, watch } = watching();
  watch.start();
  pose.theta = 0.1;
  await clock.advance(200);
  t.same(told.at(-1), { still: false });
  pose.x = 5;
  await clock.advance(2000);
  t.same(told.at(-1), { still: true, heading: 0.1 });
  watch.close();
});
