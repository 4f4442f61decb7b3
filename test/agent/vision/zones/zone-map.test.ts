import fc from 'fast-check';
import pointInPolygon from 'point-in-polygon-hao';
import t from 'tap';
import { type Point, Zone } from '#agent/ports/vision-zones.ts';
import { cellsWithin } from '#agent/vision/zones/raster.ts';
import { ZoneMap } from '#agent/vision/zones/zone-map.ts';

const square = (left: number, top: number, right: number, bottom: number): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];
const zone = (name: string, kind: Zone['kind'], polygon: Point[], dwellS?: number): Zone =>
  Zone.parse({ name, kind, polygon, ...(dwellS === undefined ? {} : { dwellS }) });
const mapOf = (...zones: Zone[]) => new ZoneMap(zones, 320, 180, 60);

t.test('without zones all is watched with the dwell time of the camera', async (t) => {
  t.same(mapOf().at({ x: 5, y: 175 }), { isWatched: true, dwellS: 60, name: null });
});

t.test('with a watch zone only what stands in one is judged', async (t) => {
  const map = mapOf(
    zone('gate', 'watch', square(0, 0, 0.5, 1)),
    zone('lift', 'watch', square(0.6, 0, 0.8, 1), 20),
  );
  t.same(map.at({ x: 80, y: 90 }), { isWatched: true, dwellS: 60, name: 'gate' });
  t.same(map.at({ x: 220, y: 90 }), { isWatched: true, dwellS: 20, name: 'lift' });
  t.same(map.at({ x: 175, y: 90 }), { isWatched: false, dwellS: 60, name: null });
});

t.test('an ignore zone wins over whatever else is there', async (t) => {
  const map = mapOf(
    zone('hall', 'watch', square(0, 0, 1, 1)),
    zone('bins', 'ignore', square(0.4, 0.4, 0.6, 0.6)),
    zone('quick', 'dwell', square(0.4, 0.4, 0.8, 0.6), 10),
  );
  t.same(map.at({ x: 160, y: 90 }), { isWatched: false, dwellS: 60, name: 'bins' });
  t.same(map.at({ x: 220, y: 90 }), { isWatched: true, dwellS: 10, name: 'quick' });
});

t.test('where zones with dwell times overlap the shortest holds', async (t) => {
  const map = mapOf(
    zone('slow', 'dwell', square(0, 0, 1, 1), 300),
    zone('quick', 'dwell', square(0, 0, 0.5, 1), 15),
    zone('middle', 'dwell', square(0, 0, 0.6, 1), 100),
  );
  t.match(map.at({ x: 10, y: 10 }), { dwellS: 15, name: 'quick' });
  t.match(map.at({ x: 170, y: 10 }), { dwellS: 100, name: 'middle' });
  t.match(map.at({ x: 310, y: 10 }), { dwellS: 300, name: 'slow' }, 'longer than the camera’s too');
});

t.test('a foot on the lower edge, or a little outside, counts as the nearest place inside', async (t) => {
  const map = mapOf(zone('front', 'watch', square(0, 0.9, 1, 1)));
  t.equal(map.at({ x: 160, y: 180 }).isWatched, true);
  t.equal(map.at({ x: -3, y: 184 }).isWatched, true);
  t.equal(map.at({ x: 400, y: 100 }).isWatched, false);
});

t.test('a zone is the same part of the picture at every resolution', async (t) => {
  const zones = [
    zone('lane', 'watch', [
      [0.1, 0.9],
      [0.4, 0.2],
      [0.7, 0.2],
      [0.9, 0.9],
    ]),
  ];
  const shares = [240, 320, 640].map((width) => {
    const grid = { columns: width / 2, rows: (width * 9) / 32 };
    return [...cellsWithin(zones[0]?.polygon ?? [], grid)].length / (grid.columns * grid.rows);
  });
  for (const share of shares) t.ok(Math.abs(share - 0.385) < 0.01, `${share}`);
});

t.test('zones that share an edge share no cell and leave none out', async (t) => {
  const grid = { columns: 160, rows: 90 };
  const count = (polygon: Point[]) => [...cellsWithin(polygon, grid)].length;
  t.equal(
    count([
      [0, 0],
      [0.37, 0],
      [0.61, 1],
      [0, 1],
    ]) +
      count([
        [0.37, 0],
        [1, 0],
        [1, 1],
        [0.61, 1],
      ]),
    160 * 90,
  );
});

t.test('the cells drawn are those whose centre a robust predicate finds inside', async (t) => {
  const grid = { columns: 40, rows: 24 };
  const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
  const agrees = () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 9 }), (polygon) => {
        const drawn = new Set(cellsWithin(polygon, grid));
        const ring = [...polygon, polygon[0] ?? [0, 0]];
        for (let cell = 0; cell < grid.columns * grid.rows; cell++) {
          const centre = [((cell % 40) + 0.5) / 40, (Math.floor(cell / 40) + 0.5) / 24];
          const inside = pointInPolygon(centre, [ring]);
          if (inside !== 0 && inside !== drawn.has(cell) && !isNear(centre, polygon)) return false;
        }
        return true;
      }),
      { numRuns: 150, seed: 4 },
    );
  t.doesNotThrow(agrees);
});

/** Within rounding of an edge either answer is right. */
function isNear([x = 0, y = 0]: number[], polygon: readonly (readonly [number, number])[]): boolean {
  return polygon.some(([ax, ay], index) => {
    const [bx, by] = polygon[(index + 1) % polygon.length] ?? [ax, ay];
    const length = Math.hypot(bx - ax, by - ay);
    const share = length === 0 ? 0 : ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length ** 2;
    const at = Math.min(1, Math.max(0, share));
    return Math.hypot(x - ax - at * (bx - ax), y - ay - at * (by - ay)) < 1e-9;
  });
}
