import t from 'tap';
import { fakeVision, keeperOf } from './fixture.ts';

t.test('the vision process is told the pose, and told again when it is started again', async (t) => {
  const script = `beat(); orders(({ kind, pose }) => {
    if (kind === 'pose') say({ kind: 'object', change: 'left', objectId: String(process.pid), t: 1, since: 0,
      box: [0, 0, 1, 1], score: 1, reason: 'parked at ' + pose.waypoint });
  })`;
  const { keeper, recorder } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  keeper.setPose({ still: true, waypoint: 'atrium', heading: 0 });
  const first = await recorder.until(({ data }) => data.reason === 'parked at atrium');
  keeper.restart();
  const again = await recorder.until(
    ({ data }) => data.reason === 'parked at atrium' && data.objectId !== first.data.objectId,
  );
  t.not(again.data.objectId, first.data.objectId);
});
