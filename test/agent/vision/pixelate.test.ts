import t from 'tap';
import { type Privacy, pixelated } from '#agent/vision/evidence/pixelate.ts';
import { BAG, HEIGHT, personAt, pictureOf, play, visitor, WIDTH } from './picture-maker.ts';

/** Stripes one pixel wide: a pattern of which nothing must be left. */
function withStripes(
  data: Uint8Array,
  left: number,
  top: number,
  right: number,
  bottom: number,
  phase: number,
) {
  const out = data.slice();
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) out[y * WIDTH + x] = (x + phase) % 2 === 0 ? 250 : 10;
  }
  return out;
}

function privacyFor(left: number, top: number, right: number, bottom: number): Privacy {
  const hidden = new Uint8Array(WIDTH * HEIGHT);
  for (let y = top; y < bottom; y++) hidden.fill(1, y * WIDTH + left, y * WIDTH + right);
  return { hidden, people: [], shown: null, blockPx: 16 };
}

t.test(
  'of two faces with equal brightness, the stored picture is the same: neither can be recovered',
  async (t) => {
    const { data } = pictureOf([], 0);
    const privacy = privacyFor(32, 32, 64, 80);
    const stored = [0, 1].map((phase) =>
      pixelated({ width: WIDTH, height: HEIGHT, data: withStripes(data, 32, 32, 64, 80, phase) }, privacy),
    );
    t.same(Buffer.from(stored[0]?.data ?? []), Buffer.from(stored[1]?.data ?? [1]));
  },
);

t.test('the neighbours of a hidden block are hidden too, and what is far is left as it was', async (t) => {
  const { data } = pictureOf([], 0);
  const stored = pixelated({ width: WIDTH, height: HEIGHT, data }, privacyFor(40, 40, 41, 41)).data;
  const levels = new Set<number>();
  for (let y = 16; y < 64; y++) for (let x = 16; x < 64; x++) levels.add(stored[y * WIDTH + x] ?? 0);
  t.ok(levels.size <= 9, 'at most one level a block');
  t.same(stored.subarray(100 * WIDTH), data.subarray(100 * WIDTH));
});

t.test('the object stays clear, and none of its pixels enters the blocks around it', async (t) => {
  const { data } = pictureOf([BAG], 0);
  const shown = new Uint8Array(WIDTH * HEIGHT);
  for (let y = BAG.y; y < BAG.y + BAG.h; y++) shown.fill(1, y * WIDTH + BAG.x, y * WIDTH + BAG.x + BAG.w);
  const privacy = { ...privacyFor(0, 0, WIDTH, HEIGHT), shown };
  const stored = pixelated({ width: WIDTH, height: HEIGHT, data }, privacy).data;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const i = y * WIDTH + x;
      if (shown[i] === 1 && stored[i] !== data[i]) t.fail(`the object is changed at ${x},${y}`);
      if (shown[i] === 0 && (stored[i] ?? 0) < 100) t.fail(`the object's dark shows at ${x},${y}`);
    }
  }
  t.pass('every pixel looked at');
});

t.test('a passer-by in the picture of a bag is hidden whole, the bag is not', async (t) => {
  const passer = (now: number) => (now > 13 ? [personAt(-16 + (now - 13) * 7)] : []);
  const { detections, detector } = play(18, (now) => [
    ...(now >= 8 ? [BAG] : []),
    ...visitor(now, 3, 9),
    ...passer(now),
  ]);
  const [left] = detections;
  if (left === undefined) throw new Error('the scene must have its detection');
  const at = 17.9;
  const frame = pictureOf([BAG, ...passer(at)], at);
  const stored = pixelated(frame, detector.privacy(left.component)).data;
  const person = passer(at)[0] ?? personAt(0);
  for (let y = person.y; y < person.y + person.h; y++) {
    for (let x = Math.ceil(person.x); x < person.x + person.w; x++) {
      if ((stored[y * WIDTH + x] ?? 0) === person.level) t.fail(`the person shows at ${x},${y}`);
    }
  }
  t.equal(stored[(BAG.y + 6) * WIDTH + BAG.x + 6], BAG.level);
});

t.test('before the scene is known, everything of a picture is hidden', async (t) => {
  const { detector } = play(4, () => [personAt(40)]);
  const frame = pictureOf([personAt(40)], 4);
  const stored = pixelated(frame, detector.privacy(null)).data;
  t.notOk(stored.includes(40), 'no pixel of the person is left');
});
