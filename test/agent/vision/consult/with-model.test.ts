import t, { type Test } from 'tap';
import { WorkerDetector } from '#agent/drivers/inference/worker-detector.ts';
import type { Frame } from '#agent/ports/frames.ts';
import type { ModelConfig, ObjectDetector, Sight } from '#agent/ports/object-detector.ts';
import type { Candidate } from '#agent/vision/consult/candidates.ts';
import { Consultation, type TrackAdvice } from '#agent/vision/consult/consultation.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';
import { ssdNetwork, yoloNetwork } from '#scripts/models/sample-networks.ts';
import {
  BACKENDS,
  greyPicture,
  type Patch,
  sampleModel,
} from '#test/agent/drivers/inference/sample-models.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const WIDTH = 240;
const HEIGHT = 240;
const SCALE = new PersonScale(WIDTH, HEIGHT);
const NOTHING = new Uint8Array(WIDTH * HEIGHT);
/** The whole picture is looked at; the bag is one of the sixteen squares that the sample networks judge. */
const BAG: Candidate = {
  id: 7,
  rect: { left: 60, top: 120, right: 120, bottom: 180 },
  aloneT: 0,
  dwellS: 10,
};
const inPlace = (level: number): Patch => ({ x: 60, y: 120, w: 60, h: 60, level });

/** Lets the test wait for the answer to the look under way. */
class Awaited implements ObjectDetector {
  readonly #inner: ObjectDetector;
  last: Promise<unknown> = Promise.resolve();

  constructor(inner: ObjectDetector) {
    this.#inner = inner;
  }

  look(picture: Frame): Promise<readonly Sight[]> {
    const sights = this.#inner.look(picture);
    this.last = Promise.allSettled([sights]);
    return sights;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

/** A worker with the model of `config`, loaded. */
async function loaded(t: Test, config: ModelConfig): Promise<Awaited> {
  const ready = Promise.withResolvers<void>();
  const worker = new WorkerDetector({
    config,
    clock: new ManualClock(),
    onReady: () => ready.resolve(),
    onTrouble: ready.reject,
  });
  t.teardown(() => worker.close());
  worker.start();
  await ready.promise;
  return new Awaited(worker);
}

/** What is said of the bag after eight seconds of looking at `patches`. */
async function adviceOn(
  detector: Awaited,
  model: ModelConfig,
  patches: readonly Patch[],
): Promise<TrackAdvice | undefined> {
  const consultation = new Consultation({ detector, model, settings: DEFAULT_SETTINGS });
  let told: TrackAdvice[] = [];
  for (let second = 4; second <= 12; second++) {
    const scene = { t: second, scale: SCALE, moving: NOTHING, candidates: [BAG] };
    told = consultation.push(greyPicture(WIDTH, HEIGHT, patches, second), scene);
    await detector.last;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return told[0];
}

const LAYOUTS = {
  ssd: {
    network: ssdNetwork({ cell: 16 }),
    layout: { family: 'ssd', boxes: 'boxes', classes: 'classes', scores: 'scores' },
  },
  yolo: { network: yoloNetwork({ cell: 16 }), layout: { family: 'yolo', output: 'output0' } },
} as const;

for (const backend of BACKENDS) {
  for (const [family, { network, layout }] of Object.entries(LAYOUTS)) {
    t.test(`${backend}, ${family}: a real model in its worker vetoes, confirms, or is silent`, async (t) => {
      const config = sampleModel(backend, t.testdir(), network, { layout });
      const detector = await loaded(t, config);
      t.match(await adviceOn(detector, config, [inPlace(255)]), {
        trackId: 7,
        advice: { state: 'person', isVetoed: true, looks: 8 },
      });
      const confirmed = await adviceOn(detector, config, [inPlace(0)]);
      t.match(confirmed, { advice: { state: 'confirmed', isVetoed: false, isAttended: false } });
      t.ok((confirmed?.advice.score ?? 0) > 0.9);
      t.match(await adviceOn(detector, config, []), {
        advice: { state: 'silent', isVetoed: false, score: null },
      });
    });
  }
}
