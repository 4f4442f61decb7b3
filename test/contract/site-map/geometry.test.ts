import fc from 'fast-check';
import t from 'tap';
import {
  isInside,
  lengthOf,
  type MapPoint,
  outlineProblem,
  shareInside,
} from '#contract/site-map/geometry.ts';
import { curvePoints, nurbsProblem } from '#contract/site-map/nurbs.ts';

const SQUARE: MapPoint[] = [
  [1, 1],
  [3, 1],
  [3, 3],
  [1, 3],
];
/** A U open to the top: a line across passes it twice. */
const U: MapPoint[] = [
  [0, 0],
  [6, 0],
  [6, 4],
  [4, 4],
  [4, 1],
  [2, 1],
  [2, 4],
  [0, 4],
];

t.test('outlines that go once around an area are right, others are said', async (t) => {
  t.equal(outlineProblem(SQUARE), null);
  t.equal(outlineProblem(U), null);
  t.match(
    outlineProblem([
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
    ]),
    { message: /crosses itself: .* corner 1 meets .* corner 3/ },
  );
  t.match(
    outlineProblem([
      [0, 0],
      [1, 0],
      [2, 0],
    ]),
    { message: /no area/ },
  );
  t.match(outlineProblem([...SQUARE, [1, 1]]), { message: /corner twice: number 1 repeats/ });
  t.match(
    outlineProblem([
      [0, 0],
      [2, 0],
      [1, 0],
      [1, 1],
    ]),
    { message: /crosses itself/ },
    'a side that runs back',
  );
});

t.test('the share of a line in an area is exact, through both arms of a U too', async (t) => {
  t.equal(shareInside([0, 2], [4, 2], SQUARE), 0.5);
  t.equal(shareInside([2, 2], [2.5, 2], SQUARE), 1);
  t.equal(shareInside([0, 0], [0.5, 9], SQUARE), 0);
  t.ok(Math.abs(shareInside([-2, 2], [8, 2], U) - 0.4) < 1e-12);
  t.equal(shareInside([2, 2], [2, 2], SQUARE), 1, 'a point is inside or not');
});

t.test('shares agree with counting points along the line, whatever the line', async (t) => {
  const coordinate = fc.double({ min: -2, max: 8, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(coordinate, coordinate), fc.tuple(coordinate, coordinate), (from, to) => {
      const steps = 400;
      let inside = 0;
      for (let step = 0; step < steps; step++) {
        const share = (step + 0.5) / steps;
        const point: MapPoint = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
        if (isInside(point, U)) inside += 1;
      }
      // Each of at most eight crossings may be missed by half a step; a line along a side belongs to both.
      const isAlong = [0, 1, 2, 4, 6].some((at) =>
        [0, 1].some(
          (axis) => Math.abs((from[axis] ?? 0) - at) < 1e-6 && Math.abs((to[axis] ?? 0) - at) < 1e-6,
        ),
      );
      return isAlong || Math.abs(shareInside(from, to, U) - inside / steps) <= 8 / steps;
    }),
    { numRuns: 300, seed: 7 },
  );
  t.pass('300 lines');
});

t.test('a NURBS of a quarter circle has its length and keeps its radius', async (t) => {
  const quarter = {
    degree: 2,
    knotVector: [0, 0, 0, 1, 1, 1],
    controlPoints: [
      { x: 10, y: 0 },
      { x: 10, y: 10, weight: Math.SQRT1_2 },
      { x: 0, y: 10 },
    ],
  };
  const points = curvePoints(quarter);
  t.ok(Math.abs(lengthOf(points) - 5 * Math.PI) < 0.002, `${lengthOf(points)} m`);
  for (const [x, y] of points) t.ok(Math.abs(Math.hypot(x, y) - 10) < 1e-9);
  t.same(
    [points[0], points.at(-1)],
    [
      [10, 0],
      [0, 10],
    ],
  );
});

t.test(
  'degree 1 is the line through its control points; several spans join without doubling points',
  async (t) => {
    const line = {
      knotVector: [0, 0, 0.5, 1, 1],
      controlPoints: [
        { x: 0, y: 0 },
        { x: 3, y: 4 },
        { x: 3, y: 10 },
      ],
    };
    t.same(curvePoints(line), [
      [0, 0],
      [3, 4],
      [3, 10],
    ]);
    const cubic = {
      degree: 3,
      knotVector: [0, 0, 0, 0, 0.5, 1, 1, 1, 1],
      controlPoints: [0, 1, 2, 3, 4].map((x) => ({ x, y: 0 })),
    };
    const xs = curvePoints(cubic).map(([x]) => x);
    t.same([xs[0], xs.at(-1)], [0, 4]);
    t.ok(xs.every((x, index) => index === 0 || x > (xs[index - 1] ?? 0)));
  },
);

t.test('a curve that cannot be one is said', async (t) => {
  const points = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 2, y: 0 },
  ];
  t.match(nurbsProblem({ degree: 3, knotVector: [0, 1], controlPoints: points }), /degree 3 needs 4/);
  t.match(
    nurbsProblem({ degree: 2, knotVector: [0, 0, 0, 1, 0.5, 1], controlPoints: points }),
    /falls at number 5/,
  );
  t.match(
    nurbsProblem({ degree: 2, knotVector: [0, 0, 0.5, 0.5, 1, 1], controlPoints: points }),
    /spans nothing/,
  );
  t.equal(nurbsProblem({ degree: 2, knotVector: [0, 0, 0, 1, 1, 1], controlPoints: points }), null);
});
