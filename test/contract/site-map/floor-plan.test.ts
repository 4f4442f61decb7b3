import { encode } from 'fast-png';
import t from 'tap';
import { FloorPlan, PlanFile, planData } from '#contract/site-map/floor-plan.ts';
import { readPgm } from '#contract/site-map/pgm.ts';
import { readPlanImage } from '#contract/site-map/plan-image.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const file = (more: object = {}) =>
  PlanFile.parse({
    ...{
      image: 'a.png',
      resolution: 0.5,
      origin: [0, 0, 0],
      negate: 0,
      occupied_thresh: 0.65,
      free_thresh: 0.196,
    },
    ...more,
  });
const planOf = (...from: Parameters<typeof planData>) => new FloorPlan(planData(...from));
/** Two columns, one row. */
const pair = (left: number, right: number) => ({
  width: 2,
  height: 1,
  grey: Uint8Array.of(left, right),
  alpha: null,
});

t.test('plain and raw greymaps are read alike, with comments and 16 bits', async (t) => {
  const plain = readPgm(bytes('P2 # cells\n2 2\n# most\n200\n0 100\n150 200\n'));
  t.same(plain, { width: 2, height: 2, grey: Uint8Array.of(0, 128, 191, 255) });
  const head = bytes('P5\n2 2\n200\n');
  t.same(readPgm(Uint8Array.of(...head, 0, 100, 150, 200)), plain);
  const wide = bytes('P5 2 1 65535\n');
  t.same(readPgm(Uint8Array.of(...wide, 255, 255, 128, 0)).grey, Uint8Array.of(255, 128));
});

t.test('a greymap that is cut off, too large or out of range is refused in words', async (t) => {
  const refused = (content: Uint8Array, detail: RegExp) =>
    t.throws(() => readPgm(content), { code: 'WP4805', detail });
  refused(bytes('P5\n4 4\n255\nabc'), /cut off: 3 of 16 bytes/);
  refused(bytes('P2\n2 1\n255\n7'), /value 2 of 2 is ""/);
  refused(bytes('P2\n2 1\n100\n7 101'), /value 2 of 2 is "101"; it must be 0 to 100/);
  refused(bytes('P5\n99999 1\n255\n'), /width is "99999"; it must be 1 to 8192/);
  refused(bytes('P5\n1 1\n0\n'), /greatest value/);
  refused(bytes('GIF89a'), /begins with "GIF89a"/);
});

t.test('PNG of every kind is read: grey, colour, alpha, 16 bits, and packed bits', async (t) => {
  const grey = (image: Parameters<typeof encode>[0]) => [...readPlanImage(encode(image)).grey];
  t.same(grey({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(0, 200) }), [0, 200]);
  t.same(grey({ width: 1, height: 1, channels: 3, depth: 8, data: Uint8Array.of(0, 90, 240) }), [110]);
  t.same(grey({ width: 1, height: 1, channels: 1, depth: 16, data: Uint16Array.of(32_896) }), [128]);
  const alpha = readPlanImage(
    encode({ width: 2, height: 1, channels: 2, depth: 8, data: Uint8Array.of(9, 255, 9, 0) }),
  );
  t.same([...(alpha.alpha ?? [])], [255, 0]);
  const packed = encode({
    width: 10,
    height: 2,
    channels: 1,
    depth: 1,
    data: Uint8Array.of(0b10100000, 0b01000000, 0, 0b11000000),
  });
  t.same(
    [...readPlanImage(packed).grey].map((value) => value / 255),
    [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
  );
});

t.test('a PNG that is damaged or claims a giant size is refused before memory is taken', async (t) => {
  const png = encode({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(0, 200) });
  const giant = png.slice();
  new DataView(giant.buffer).setUint32(16, 4_000_000_000);
  t.throws(() => readPlanImage(giant), { code: 'WP4805', detail: /4000000000 × 1 cells/ });
  const damaged = png.slice();
  damaged[45] = (damaged[45] ?? 0) ^ 0xff;
  t.throws(() => readPlanImage(damaged), { code: 'WP4805' });
});

t.test('cells are judged as map_server judges them', async (t) => {
  const cells = (left: number, right: number, more: object = {}) => {
    const plan = planOf(file(more), pair(left, right));
    return [plan.at([0.25, 0.25]), plan.at([0.75, 0.25])];
  };
  t.same(cells(0, 254), ['occupied', 'free']);
  t.same(cells(205, 127), ['unknown', 'unknown'], '205 is what map_saver writes for unknown');
  t.same(cells(0, 254, { negate: 1 }), ['free', 'occupied']);
  t.same(cells(100, 0, { mode: 'raw' }), ['occupied', 'free']);
  t.same(cells(255, 40, { mode: 'raw' }), ['unknown', 'unknown']);
  const clear = planOf(file(), { ...pair(254, 254), alpha: Uint8Array.of(255, 0) });
  t.same([clear.at([0.25, 0.25]), clear.at([0.75, 0.25])], ['free', 'unknown']);
});

t.test('a point finds its cell from the lower left corner, also where the plan is turned', async (t) => {
  const image = readPlanImage(bytes('P2 2 2 255 0 255 255 255'));
  const plan = planOf(file({ origin: [10, -4, 0] }), { ...image, alpha: null });
  t.equal(plan.at([10.1, -3.1]), 'occupied', 'the first value of the file is the upper left cell');
  t.equal(plan.at([10.1, -3.9]), 'free');
  t.equal(plan.at([9.9, -3.9]), null);
  t.equal(plan.at([11, -3.9]), null, 'the right edge belongs to no cell');
  const turned = planOf(file({ origin: [0, 0, Math.PI / 2] }), { ...image, alpha: null });
  t.equal(turned.at([-0.9, 0.1]), 'occupied');
  t.equal(turned.at([0.1, 0.1]), null);
  const { min, max } = turned.bounds;
  t.same(
    [min, max].map(([x, y]) => [x.toFixed(6), y.toFixed(6)].map(Number)),
    [
      [-1, 0],
      [0, 1],
    ],
  );
});

t.test('the first obstacle on a line is found, however thin the wall', async (t) => {
  const wall = readPlanImage(bytes('P2 5 1 255 255 255 0 255 255'));
  const plan = planOf(file(), wall);
  t.equal(plan.firstObstacle([0.1, 0.2], [0.9, 0.2]), null);
  const hit = plan.firstObstacle([0.1, 0.2], [2.4, 0.3]);
  t.ok(hit !== null && hit[0] >= 1 && hit[0] < 1.5, String(hit));
  t.ok(plan.firstObstacle([0.1, 0.2], [0.1, 3]), 'off the plan is no way');
  t.same(plan.shares, { free: 0.8, occupied: 0.2, unknown: 0 });
});
