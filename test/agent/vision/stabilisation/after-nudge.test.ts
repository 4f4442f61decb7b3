import t from 'tap';
import type { Zone } from '#agent/ports/vision-zones.ts';
import { Detector } from '#agent/vision/detector.ts';
import { Evidence } from '#agent/vision/evidence/evidence.ts';
import type { Picture } from '#agent/vision/evidence/pictures.ts';
import { BAG, HEIGHT, pictureOf, shifted, visitor, WIDTH } from '../picture-maker.ts';

const FURNITURE = [
  { x: 10, y: 8, w: 30, h: 22, level: 180 },
  { x: 100, y: 10, w: 40, h: 16, level: 60 },
  { x: 126, y: 60, w: 26, h: 10, level: 190 },
  { x: 8, y: 96, w: 24, h: 14, level: 70 },
];
/** Put down at 8 s, left alone at 9 s. */
const scene = (now: number) => [...FURNITURE, ...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)];
const NUDGE = 5;
/** The bag stands just left of it, and is in it once the camera was nudged, if that stays where it was drawn. */
const border = (BAG.x + BAG.w / 2 + NUDGE / 2) / WIDTH;
const BESIDE: Zone = {
  name: 'shop',
  kind: 'ignore',
  polygon: [
    [border, 0],
    [1, 0],
    [1, 1],
    [border, 1],
  ],
};

function camera(zones: readonly Zone[]) {
  let id = 0;
  const detector = new Detector({
    ...{ width: WIDTH, height: HEIGHT, dwellS: 10, zones },
    newObjectId: () => `object-${++id}`,
  });
  const evidence = new Evidence({ clip: { beforeS: 1, afterS: 60 } });
  const left: number[] = [];
  const watch = (fromS: number, toS: number, shift: number) => {
    for (let i = fromS * 10; i < toS * 10; i++) {
      const frame = shifted(pictureOf(scene(i / 10), i / 10), [shift, 0]);
      const found = detector.push(frame);
      evidence.look(detector.view, frame);
      for (const each of found) {
        if (each.change !== 'left') continue;
        left.push(each.t);
        evidence.strip(detector.view, frame, each);
        evidence.beginFilm(detector.view, each);
      }
    }
  };
  return { detector, evidence, left, watch };
}

/** The first column of a picture, at the height of the bag, that is as dark as it; −1 where none is. */
function darkAt(picture: Picture | null): number {
  const row = (BAG.y + BAG.h / 2) * WIDTH;
  return picture?.data.subarray(row, row + WIDTH).indexOf(BAG.level) ?? -1;
}

t.test('zones stay with the places they were drawn around when the camera is nudged', async (t) => {
  const undisturbed = camera([BESIDE]);
  undisturbed.watch(0, 30, 0);
  t.equal(undisturbed.left.length, 1);
  const nudged = camera([BESIDE]);
  nudged.watch(0, 15, 0);
  nudged.watch(15, 34, NUDGE);
  t.ok(Math.abs(nudged.detector.view.offset.dx - NUDGE) < 0.5);
  t.equal(nudged.left.length, 1);
});

t.test('after a restart zones lie where they lay', async (t) => {
  const before = camera([BESIDE]);
  before.watch(0, 13, 0);
  before.watch(13, 18, NUDGE);
  const memory = before.detector.save();
  if (memory === null) throw new Error('there is something to keep');
  const after = camera([BESIDE]);
  after.detector.restore(memory, 0.1);
  after.watch(18, 34, NUDGE);
  t.same([before.left, after.left.length], [[], 1]);
});

t.test('a thing is shown where it is after a nudge, and its film ends with that', async (t) => {
  const { detector, evidence, watch, left } = camera([]);
  watch(0, 30, 0);
  t.equal(left.length, 1);
  const firstDark = () => darkAt(evidence.scene(detector.view));
  t.equal(firstDark(), BAG.x);
  watch(30, 40, NUDGE);
  t.equal(firstDark(), BAG.x + NUDGE);
  const [film] = evidence.takeFilms();
  t.ok((film?.t ?? 99) < 36, `until ${film?.t}`);
});
