import { once } from 'node:events';
import t from 'tap';
import { WorkerDetector } from '#agent/drivers/inference/worker-detector.ts';
import { systemClock } from '#contract/clock.ts';
import { mobileNet } from '#scripts/models/mobile-net.ts';
import { BACKENDS, greyPicture, sampleModel } from './sample-models.ts';

/** Many times what a look may cost, so that it is given up in the middle of the work. */
const SIZE = 1280;
const HEAVY = {
  layout: { family: 'ssd', boxes: 'boxes', scores: 'scores', firstClass: 0 },
  timeoutMs: 100,
};
const PICTURE = greyPicture(64, 64, []);

for (const backend of BACKENDS) {
  t.test(`${backend}: a real model that is given up in the middle of its work harms nobody`, async (t) => {
    const events = new EventTarget();
    const detector = new WorkerDetector({
      config: sampleModel(backend, t.testdir(), mobileNet(SIZE), HEAVY),
      clock: systemClock,
      onReady: () => events.dispatchEvent(new Event('ready')),
    });
    const ready = once(events, 'ready');
    detector.start();
    await ready;
    await t.rejects(detector.look(PICTURE), { code: 'WP2455', detail: 'more than 100 ms' });
    if (backend === 'tfjs') await once(events, 'ready');
    else await t.rejects(detector.look(PICTURE), { code: 'WP2455' }, 'it is still busy');
    await detector.close();
    t.pass('the process is alive');
  });
}
