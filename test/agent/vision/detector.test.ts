import t from 'tap';
import { BAG, personAt, play, visitor, WIDTH } from './picture-maker.ts';

const bagFrom = (now: number, from: number, to = Number.POSITIVE_INFINITY) =>
  now >= from && now < to ? [BAG] : [];

t.test('a bag that somebody put down and left is reported once, with when, where and why', async (t) => {
  const { detections } = play(40, (now) => [...bagFrom(now, 8), ...visitor(now, 3, 9)]);
  t.equal(detections.length, 1);
  const [left] = detections;
  t.match(left, { change: 'left', objectId: 'object-1' });
  t.ok(left !== undefined && left.t - left.since >= 5, 'not before it was alone for the dwell time');
  t.ok(left !== undefined && left.since >= 9, 'the clock starts when the visitor leaves');
  const [x = 0, y = 0, w = 0, h = 0] = left?.box ?? [];
  t.ok(x * WIDTH <= BAG.x + 3 && (x + w) * WIDTH >= BAG.x + BAG.w - 3, 'the box holds the bag');
  t.ok(y > 0.6 && y + h < 0.9 && w < 0.2, 'and little else');
  t.match(left?.reason, /alone for \d+\.\d s/);
});

t.test('a bag whose owner stays beside it is not reported', async (t) => {
  const { detections } = play(30, (now) => [...bagFrom(now, 8), ...visitor(now, 3, 60)]);
  t.same(detections, []);
});

t.test('the same bag taken away by nobody in particular is removed, and is the same object', async (t) => {
  const { detections } = play(40, (now) => [...bagFrom(now, 8, 30), ...visitor(now, 3, 9)]);
  t.match(detections, [
    { change: 'left', objectId: 'object-1' },
    { change: 'removed', objectId: 'object-1' },
  ]);
});

t.test('somebody who passes in front neither hides the bag for good nor makes it a second one', async (t) => {
  const { detections } = play(40, (now) => [
    ...bagFrom(now, 8),
    ...visitor(now, 3, 9),
    ...(now > 24 ? [personAt(-16 + (now - 24) * 30)] : []),
  ]);
  t.match(detections, [{ change: 'left' }]);
  t.equal(detections.length, 1);
});

t.test('somebody who walks in and stands still is not a thing', async (t) => {
  const { detections } = play(40, (now) => visitor(now, 3, 100));
  t.same(detections, []);
});

t.test(
  'somebody there from the first picture who then leaves is no thing, and hides none later',
  async (t) => {
    const { detections } = play(60, (now) => [
      ...(now < 6 ? [personAt(20)] : now < 16 ? [personAt(20 + (now - 6) * 20)] : []),
      ...bagFrom(now, 28),
      ...visitor(now, 23, 29),
    ]);
    t.match(detections, [{ change: 'left' }]);
    t.equal(detections.length, 1);
    t.ok((detections[0]?.since ?? 0) >= 29);
  },
);

t.test('lamps going down by a third and up again are not things', async (t) => {
  const { detections } = play(40, () => [], { gainAt: (now) => (now > 10 && now < 25 ? 0.67 : 1) });
  t.same(detections, []);
});

t.test('a bag is found under lamps that change', async (t) => {
  const { detections } = play(40, (now) => [...bagFrom(now, 8), ...visitor(now, 3, 9)], {
    gainAt: (now) => 1 + 0.2 * Math.sin(now / 3),
  });
  t.match(detections, [{ change: 'left' }]);
});

t.test('something that appears with nobody near is not taken for left behind', async (t) => {
  const { detections } = play(40, (now) => bagFrom(now, 8));
  t.same(detections, []);
});

t.test('another scene altogether is begun anew instead of reported', async (t) => {
  const cover = { x: 0, y: 0, w: WIDTH, h: 120, level: 10 };
  const other = { x: 30, y: 30, w: 60, h: 60, level: 200 };
  const { detections } = play(60, (now) => (now > 10 ? [cover, other] : []));
  t.same(detections, []);
});

/** Posters on the wall and a bench: something that a shaking camera moves. */
const FURNITURE = [
  { x: 10, y: 8, w: 30, h: 22, level: 180 },
  { x: 100, y: 10, w: 40, h: 16, level: 60 },
  { x: 126, y: 60, w: 26, h: 10, level: 190 },
  { x: 8, y: 96, w: 24, h: 14, level: 70 },
];
const furnished = (now: number) => [...FURNITURE, ...bagFrom(now, 8), ...visitor(now, 3, 9)];

t.test('a camera that sways by a pixel or two finds the bag and nothing else', async (t) => {
  const { detections } = play(40, furnished, {
    shiftAt: (now) => [1.4 * Math.sin(now * 4.3), 0.9 * Math.cos(now * 5.9)],
  });
  t.match(detections, [{ change: 'left' }]);
  t.equal(detections.length, 1);
});

t.test('a camera that was nudged for good finds the bag and nothing else', async (t) => {
  const { detections } = play(50, (now) => furnished(now - 10), {
    shiftAt: (now) => (now > 6 ? [3, 1.5] : [0, 0]),
  });
  t.match(detections, [{ change: 'left' }]);
  t.equal(detections.length, 1);
});

t.test('a camera turned elsewhere begins anew, and finds a bag there', async (t) => {
  const { detections } = play(70, (now) => furnished(now - 30), {
    shiftAt: (now) => (now > 10 ? [23, 14] : [0, 0]),
  });
  t.match(detections, [{ change: 'left' }]);
  t.equal(detections.length, 1);
});

t.test('a bag put down beside people who stood there from the first picture is found', async (t) => {
  const { detections } = play(60, (now) => [
    ...FURNITURE,
    ...bagFrom(now, 8),
    ...(now < 16 ? [personAt(now > 6.5 && now < 9 ? 74 : 66)] : visitor(now - 16 + 9, 0, 9)),
  ]);
  t.match(detections, [{ change: 'left' }]);
  t.equal(detections.length, 1);
});

t.test('with somebody passing in front of it, the report waits for a free view', async (t) => {
  const passer = (now: number) => (now > 15.2 ? [personAt(-16 + (now - 15.2) * 28)] : []);
  const { detections } = play(40, (now) => [...bagFrom(now, 8), ...visitor(now, 3, 9), ...passer(now)], {
    dwellS: 7,
  });
  t.equal(detections.length, 1);
  const [left] = detections;
  const x = -16 + ((left?.t ?? 0) - 15.2) * 28;
  t.ok(x > BAG.x + BAG.w || x + 16 < BAG.x, 'nobody stands before the bag in the picture');
});
