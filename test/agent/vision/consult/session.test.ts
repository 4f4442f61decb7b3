import t from 'tap';
import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import { VisionConfig, type VisionReport } from '#agent/ports/vision.ts';
import { VisionSession } from '#agent/vision/session.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { BAG, pictureOf, visitor } from '../picture-maker.ts';
import { DrawnSights } from './drawn-sights.ts';

const DURATION_S = 30;
const FRAMES_PER_SECOND = 10;

/** A bag is put down and left; each picture waits until what came before is answered. */
const hall: FrameSource = {
  backend: 'addon',
  async *frames(_request: FrameRequest): AsyncGenerator<Frame> {
    for (let index = 0; index < DURATION_S * FRAMES_PER_SECOND; index++) {
      const now = index / FRAMES_PER_SECOND;
      yield pictureOf([...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)], now);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};

const MODEL = {
  backend: 'onnx',
  file: '/model.onnx',
  input: { name: 'image', width: 64, height: 64, order: 'nchw' },
  layout: { family: 'yolo', output: 'output0' },
  labels: ['person', 'suitcase'],
  luggage: ['suitcase'],
};

/** The first report of an object. */
function reportOf(
  folder: string,
  model: object | undefined,
  objectDetector?: DrawnSights,
): Promise<VisionReport> {
  const { promise, resolve } = Promise.withResolvers<VisionReport>();
  const session = new VisionSession({
    config: VisionConfig.parse({ camera: 'c', source: 'hall.mkv', dwellS: 5, evidenceDir: folder, model }),
    openSource: () => hall,
    clock: new ManualClock(),
    say: (report) => {
      if (report.kind === 'object') resolve(report);
    },
    objectDetector,
  });
  session.start();
  return promise.finally(() => session.close());
}

t.test(
  'the report of an object quotes the model that the profile describes, where there is one',
  async (t) => {
    const sights = new DrawnSights((level) => (level === BAG.level ? 'suitcase' : null));
    t.match(await reportOf(t.testdir(), MODEL, sights), {
      change: 'left',
      measurements: { model: { state: 'confirmed' } },
    });
    const without = await reportOf(t.testdir(), undefined);
    t.match(without, { change: 'left' });
    t.equal(without.kind === 'object' ? without.measurements?.model : null, undefined);
  },
);
