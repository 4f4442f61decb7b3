import t from 'tap';
import type { Frame } from '#agent/ports/frames.ts';
import type { ObjectDetector, Sight } from '#agent/ports/object-detector.ts';
import { Camera } from '#agent/vision/camera.ts';
import { Consultation } from '#agent/vision/consult/consultation.ts';
import type { Detection } from '#agent/vision/detector.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { BAG, type Patch, pictureOf, visitor } from '../picture-maker.ts';
import { DrawnSights } from './drawn-sights.ts';

const FRAMES_PER_SECOND = 10;
const DWELL_S = 10;

/** Knows the drawn bag and the drawn people by their levels. */
const drawnSights = (): DrawnSights =>
  new DrawnSights((level) => (level === BAG.level ? 'suitcase' : level === 40 ? 'person' : null));

/** Plays a scene through a camera; the answers of `sights` are there before the next picture. */
async function seen(
  durationS: number,
  sceneAt: (t: number) => readonly Patch[],
  sights: ObjectDetector | null,
): Promise<Detection[]> {
  let id = 0;
  const model = { people: ['person'], luggage: ['suitcase'], looksPerSecond: 1 };
  const camera = new Camera({
    dwellS: DWELL_S,
    evidenceDir: '/nowhere',
    newObjectId: () => `object-${++id}`,
    consultation:
      sights === null ? undefined : new Consultation({ detector: sights, model, settings: DEFAULT_SETTINGS }),
  });
  const detections: Detection[] = [];
  for (let index = 0; index < durationS * FRAMES_PER_SECOND; index++) {
    const now = index / FRAMES_PER_SECOND;
    detections.push(...camera.judge(pictureOf(sceneAt(now), now)).map(({ detection }) => detection));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return detections;
}

const bagLeft = (now: number) => [...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)];
const left = (detections: readonly Detection[]) => detections.filter(({ change }) => change === 'left');

/** Everything about an event but the flag, and the words that quote it. */
const withoutModel = (detections: readonly Detection[]) =>
  detections.map(({ measurements, reason: _reason, ...rest }) => {
    const { model: _model, ...others } = measurements ?? {};
    return { ...rest, measurements: others };
  });

t.test(
  'a model that is absent, slow, failing or silent changes nothing but the flag on the event',
  async (t) => {
    const alone = await seen(30, bagLeft, null);
    t.equal(left(alone).length, 1);
    t.equal(alone[0]?.measurements?.model, undefined, 'without one there is no flag');
    for (const [code, state] of [
      ['WP2450', 'absent'],
      ['WP2455', 'slow'],
      ['WP2456', 'failing'],
      [null, 'silent'],
    ] as const) {
      const sights = new DrawnSights(() => null);
      sights.fault = code;
      const detections = await seen(30, bagLeft, sights);
      t.ok(sights.pictures.length > 3, `${state}: it was asked`);
      t.same(withoutModel(detections), withoutModel(alone), state);
      if (code !== null) t.equal(detections[0]?.reason, alone[0]?.reason, 'not even words');
      t.match(left(detections)[0]?.measurements?.model, { state, score: null });
    }
  },
);

t.test('a model that sees luggage raises the score, and is quoted', async (t) => {
  // A bag of little contrast, of which the judgement alone is not quite sure.
  const pale: Patch = { ...BAG, level: 86 };
  const scene = (now: number) => [...(now >= 8 ? [pale] : []), ...visitor(now, 3, 9)];
  const alone = left(await seen(30, scene, null));
  const confirmed = left(
    await seen(30, scene, new DrawnSights((level) => (level === 86 ? 'suitcase' : null))),
  );
  t.match(confirmed, [{ t: alone[0]?.t, measurements: { model: { state: 'confirmed' } } }]);
  t.ok((confirmed[0]?.measurements?.model?.looks ?? 0) >= 3);
  t.ok((confirmed[0]?.score ?? 0) > (alone[0]?.score ?? 1));
});

t.test(
  'somebody who sits there is not reported while the model sees them, and what they leave is',
  async (t) => {
    // Low and wide, so that only the model can tell; it turns out to be a coat on a bag when it looks again.
    const sitting: Patch = { x: 80, y: 80, w: 22, h: 20, level: 40 };
    const scene = (now: number) => [...(now >= 8 ? [sitting] : []), ...visitor(now, 3, 9)];
    t.equal(left(await seen(40, scene, null)).length, 1, 'without a model it passes for luggage');
    const isPerson = drawnSights();
    t.same(left(await seen(40, scene, isPerson)), []);
    t.ok(isPerson.pictures.length > 10);
    let lastT = 0;
    const doubting = new DrawnSights((level) => (level === 40 && lastT < 30 ? 'person' : null));
    const later = left(
      await seen(
        50,
        (now) => {
          lastT = now;
          return scene(now);
        },
        doubting,
      ),
    );
    t.equal(later.length, 1);
    t.ok((later[0]?.t ?? 0) > 30, 'a veto ends with what it rests on');
  },
);

/** Sees somebody right beside the bag, whom nobody drew: too still, and the colour of the floor. */
class Companion implements ObjectDetector {
  readonly #sights = drawnSights();
  isThere = true;

  async look(picture: Frame): Promise<readonly Sight[]> {
    const sights = await this.#sights.look(picture);
    const bag = sights.find(({ label }) => label === 'suitcase');
    if (bag === undefined || !this.isThere) return sights;
    const [x, y, width, height] = bag.box;
    const [tall, wide] = [46 / picture.height, 16 / picture.width];
    return [...sights, { label: 'person', score: 0.9, box: [x + width, y + height - tall, wide, tall] }];
  }

  async close(): Promise<void> {
    await this.#sights.close();
  }
}

t.test('whom only the model sees beside the bag holds the clock until they are gone', async (t) => {
  const alone = left(await seen(30, bagLeft, null));
  t.ok((alone[0]?.t ?? 99) < 29);
  const companion = new Companion();
  const scene = (now: number) => {
    companion.isThere = now < 30;
    return bagLeft(now);
  };
  const detections = left(await seen(55, scene, companion));
  t.equal(detections.length, 1);
  t.ok((detections[0]?.since ?? 0) >= 29, `alone since ${detections[0]?.since}`);
  t.ok((detections[0]?.t ?? 0) >= 29 + DWELL_S);
});
