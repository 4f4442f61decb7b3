import t from 'tap';
import type { MapZone } from '#contract/site-map/site-map-file.ts';
import { speedLimitAt, zonesAt } from '#contract/site-map/zones.ts';

const square = (from: number, to: number): [number, number][] => [
  [from, from],
  [to, from],
  [to, to],
  [from, to],
];
const zones: MapZone[] = [
  { id: 'wide', map: 'g', kind: 'slow', maxSpeedMps: 0.6, polygon: square(0, 10) },
  { id: 'narrow', map: 'g', kind: 'slow', maxSpeedMps: 0.3, polygon: square(4, 6) },
  { id: 'silent', map: 'g', kind: 'quiet', polygon: square(5, 8) },
  { id: 'above', map: 'u', kind: 'quiet', polygon: square(0, 10) },
];

t.test('a point is in all zones of its floor that cover it, outlines included', async (t) => {
  const ids = (x: number, y: number, floor = 'g') => zonesAt({ zones }, floor, [x, y]).map(({ id }) => id);
  t.same(ids(5.5, 5.5), ['wide', 'narrow', 'silent']);
  t.same(ids(10, 10), ['wide']);
  t.same(ids(10.01, 5), []);
  t.same(ids(5, 5, 'u'), ['above']);
});

t.test('where slow zones overlap the slowest holds, and elsewhere nothing does', async (t) => {
  t.equal(speedLimitAt({ zones }, 'g', [5, 5]), 0.3);
  t.equal(speedLimitAt({ zones }, 'g', [1, 1]), 0.6);
  t.equal(speedLimitAt({ zones }, 'u', [5, 5]), null);
});
