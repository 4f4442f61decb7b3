import t from 'tap';
import { Hall, SIGHT_M } from '#agent/drivers/sim/hall.ts';

const robot = (x: number, y: number, theta = 0) => ({ x, y, theta, radiusM: 0.25 });

t.test('what stands in the way is seen from the hull on, and what stands beside it is not', async (t) => {
  const hall = new Hall({
    walls: [
      [
        [3, -1],
        [3, 1],
      ],
      [
        [0, 1],
        [10, 1],
      ],
    ],
    doors: [],
  });
  t.equal(hall.aheadM(robot(0, 0), 0), 2.75);
  t.equal(hall.aheadM(robot(0, 0, Math.PI), 0), Number.POSITIVE_INFINITY, 'behind it');
  t.ok(Math.abs(hall.aheadM(robot(0, 0, Math.PI / 2), 0) - 0.75) < 1e-9, 'the long wall');
  t.equal(hall.aheadM(robot(0, 0.69), 0), 2.75, 'past the long wall with 6 cm to spare');
  t.equal(hall.aheadM(robot(2, 0.75), 0), 0, 'and along it without');
});

t.test('a slanting wall is seen where it comes into the way', async (t) => {
  const slanting = [
    [2, 0.3],
    [4, -1.7],
  ] as const;
  const hall = new Hall({ walls: [slanting], doors: [] });
  t.ok(Math.abs(hall.aheadM(robot(0, 0), 0) - 1.75) < 1e-9);
});

t.test('round things are seen by their rim, and touched by it', async (t) => {
  const hall = new Hall({ walls: [], doors: [] });
  hall.put({ x: 2, y: 0, radiusM: 0.5 });
  t.equal(hall.aheadM(robot(0, 0), 0), 1.25);
  t.equal(hall.aheadM(robot(0, 0.9), 0), Number.POSITIVE_INFINITY);
  t.equal(hall.touches(robot(1.24, 0), 0), false);
  t.equal(hall.touches(robot(1.26, 0), 0), true);
  hall.clear();
  t.equal(hall.touches(robot(2, 0), 0), false);
});

t.test('nothing is seen beyond its sight', async (t) => {
  const hall = new Hall({ walls: [], doors: [] });
  hall.put({ x: SIGHT_M + 1, y: 0, radiusM: 0.5 });
  t.equal(hall.aheadM(robot(0, 0), 0), Number.POSITIVE_INFINITY);
  t.equal(hall.aheadM(robot(1, 0), 0), 4.25);
});

t.test('a door opens and closes by turns, and as it is told', async (t) => {
  const line = [
    [1, -1],
    [1, 1],
  ] as const;
  const hall = new Hall({
    walls: [],
    doors: [
      { name: 'shop', line, openS: 20, closedS: 10 },
      {
        name: 'store',
        line: [
          [5, -1],
          [5, 1],
        ],
      },
    ],
  });
  const isShut = (atMs: number) => hall.touches(robot(1, 0), atMs);
  t.strictSame([0, 9_999, 10_000, 29_999, 30_000].map(isShut), [true, true, false, false, true]);
  hall.setDoor('shop', 'open');
  t.equal(isShut(0), false);
  hall.setDoor('shop', 'closed');
  t.equal(isShut(15_000), true);
  hall.setDoor('shop', 'turns');
  t.equal(isShut(15_000), false);
  t.equal(hall.touches(robot(5, 0), 15_000), true, 'one without times stays closed');
  hall.setDoor('store', 'open');
  t.equal(hall.touches(robot(5, 0), 15_000), false);
  t.strictSame(hall.doors, ['shop', 'store']);
});
