import t from 'tap';
import { LEVEL } from '#agent/vision/background/background.ts';
import { FormerScene } from '#agent/vision/background/former-scene.ts';
import { BAG, HEIGHT, type Patch, personAt, pictureOf, play, visitor, WIDTH } from '../picture-maker.ts';

const FURNITURE = [
  { x: 10, y: 8, w: 30, h: 22, level: 180 },
  { x: 100, y: 10, w: 40, h: 16, level: 60 },
  { x: 126, y: 60, w: 26, h: 10, level: 190 },
  { x: 8, y: 96, w: 24, h: 14, level: 70 },
];
const COVER: Patch = { x: 0, y: 0, w: WIDTH, h: HEIGHT, level: 12 };
const DWELL_S = 30;

/** Somebody puts a bag down at 8 s and goes at 9 s; the bag is there until `goneT`. */
const scene = (now: number, goneT = Number.POSITIVE_INFINITY) => [
  ...FURNITURE,
  ...(now >= 8 && now < goneT ? [BAG] : []),
  ...visitor(now, 3, 9),
];

function kept(): FormerScene {
  const former = new FormerScene(WIDTH, HEIGHT);
  former.keep(
    Int16Array.from(pictureOf(FURNITURE, 0).data, (level) => level * LEVEL),
    100,
  );
  return former;
}

t.test(
  'a scene is known again with people in it and in other light, and no other scene for it',
  async (t) => {
    const cases: [string, Uint8Array, boolean][] = [
      ['as it was', pictureOf(FURNITURE, 0).data, true],
      ['with somebody and a bag', pictureOf([...FURNITURE, personAt(60), BAG], 0).data, true],
      ['in the evening', pictureOf(FURNITURE, 0, 0.6).data, true],
      ['in the dark', pictureOf(FURNITURE, 0, 0.1).data, false],
      ['a hand before the lens', pictureOf([COVER], 0).data, false],
      ['another room', pictureOf([{ x: 40, y: 40, w: 70, h: 50, level: 190 }], 0).data, false],
    ];
    for (const [title, picture, isBack] of cases)
      t.equal(kept().takeIfBack(picture, 110) !== null, isBack, title);
  },
);

t.test('it is kept for ten minutes, and not gone back to twice in a row', async (t) => {
  const { data } = pictureOf(FURNITURE, 0);
  t.equal(kept().takeIfBack(data, 701), null);
  const former = kept();
  t.ok(former.takeIfBack(data, 110));
  t.equal(former.takeIfBack(data, 130), null, 'it is no longer kept');
  former.keep(
    Int16Array.from(data, (level) => level * LEVEL),
    113,
  );
  t.equal(former.takeIfBack(data, 115), null, 'what did not fit at once is learned');
});

for (const [what, seconds] of [
  ['for four seconds', 4],
  ['for twenty seconds', 20],
] as const) {
  t.test(`the lens covered ${what} while a bag is timed: it is reported with the clock it had`, async (t) => {
    const covered = (now: number) => [...scene(now), ...(now > 15 && now < 15 + seconds ? [COVER] : [])];
    const { detections } = play(70, covered, { dwellS: DWELL_S });
    const [plain] = play(50, scene, { dwellS: DWELL_S }).detections;
    t.match(detections, [{ change: 'left', since: plain?.since }]);
    t.equal(detections.length, 1);
  });
}

t.test('lamps out while a bag is timed, and on again', async (t) => {
  const { detections } = play(60, scene, {
    dwellS: DWELL_S,
    gainAt: (now) => (now > 15 && now < 23 ? 0.05 : 1),
  });
  t.match(detections, [{ change: 'left' }]);
  t.equal(detections.length, 1);
});

t.test(
  'what was taken while the lens was covered is told as gone, and what was not stays one thing',
  async (t) => {
    const covered = (goneT: number) => (now: number) => [
      ...scene(now, goneT),
      ...(now > 50 && now < 58 ? [COVER] : []),
    ];
    const taken = play(80, covered(54), { dwellS: DWELL_S }).detections;
    t.match(taken, [
      { change: 'left', objectId: 'object-1' },
      { change: 'removed', objectId: 'object-1' },
    ]);
    t.ok((taken[1]?.t ?? 0) > 58, 'once it can be seen');
    t.match(play(100, covered(1e9), { dwellS: DWELL_S }).detections, [{ change: 'left' }]);
    t.equal(play(100, covered(1e9), { dwellS: DWELL_S }).detections.length, 1);
  },
);
