import t from 'tap';
import { loadAddon } from '#agent/drivers/gstreamer/addon.ts';
import { hasGstLaunch } from '#agent/drivers/gstreamer/launch-source.ts';
import { keeperOf, REAL_VISION } from '#test/agent/behaviours/detection/fixture.ts';
import { noRtspServer, RtspCamera } from '#test/support/rtsp-camera.ts';

const noGstreamer = loadAddon() !== null || hasGstLaunch() ? false : 'no GStreamer on this machine';
const skip = noGstreamer || noRtspServer();

t.test(
  'an RTSP camera that drops and comes back in another shape is watched on by the same process, told once each way',
  { skip },
  async (t) => {
    const camera = new RtspCamera();
    t.teardown(() => camera.close());
    await camera.serve(640, 360, 15);
    const { keeper, recorder, untilState } = keeperOf(t.testdir(), REAL_VISION, { source: camera.url });
    t.teardown(() => keeper.close());
    keeper.start();
    await untilState(() => keeper.state().health['camera-front'] === 'ok');
    const { pid } = keeper.state();
    await camera.stop();
    await untilState(() => keeper.state().health['camera-front'] === 'failed');
    await camera.serve(640, 480, 10);
    await untilState(() => keeper.state().health['camera-front'] === 'ok');
    const told = recorder.events.filter(({ data }) => data.part === 'camera-front').map(({ data }) => data);
    t.match(told[0], { state: 'failed', code: 'WP2402' });
    t.equal(told.at(-1)?.state, 'ok');
    t.equal(told.filter(({ state }) => state === 'failed').length, 1, JSON.stringify(told));
    t.equal(told.filter(({ state }) => state === 'ok').length, 1);
    t.equal(keeper.state().pid, pid, 'the same process');
    t.equal(keeper.state().restarts, 0);
  },
);
