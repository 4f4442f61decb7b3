import t from 'tap';
import { LEVEL } from '#agent/vision/background/background.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';
import { alignmentOf, unmoved } from '#agent/vision/visits/alignment.ts';
import { Comparison } from '#agent/vision/visits/comparison.ts';
import { differencesOf } from '#agent/vision/visits/differences.ts';
import { type EdgeMap, edgeMapOf } from '#agent/vision/visits/edge-map.ts';
import { Layer } from '#agent/vision/visits/layer.ts';
import { scaleOf } from '#agent/vision/visits/mount.ts';
import { Reach } from '#agent/vision/visits/reach.ts';
import { standing } from '#scripts/scenes/round/hall.ts';
import {
  ALL_KNOWN,
  ATRIUM,
  DAY,
  ENTRANCE,
  edgesAt,
  GRID,
  HALL,
  HEIGHT,
  LIFTS,
  levelsAt,
  NONE,
  WIDTH,
} from './hall.ts';

const all = () => true;
const BAG = standing([9, 5.4], [0.4, 0.35, 0.5], 0.08, 'plain', 5);

function learned(...views: readonly EdgeMap[]): Layer {
  const layer = new Layer(GRID, 7);
  for (const map of views) {
    const alignment =
      layer.visits === 0 ? unmoved(GRID) : alignmentOf(map, ALL_KNOWN, new Reach(layer, 1, all));
    layer.learn({ map, known: ALL_KNOWN }, alignment, NONE);
  }
  return layer;
}

function differencesFrom(layer: Layer, now: EdgeMap) {
  const alignment = alignmentOf(now, ALL_KNOWN, new Reach(layer, 1, all));
  const comparison = new Comparison([layer]);
  const scale = new PersonScale(WIDTH, HEIGHT);
  scale.restore(scaleOf({ heightM: 1.15, pitchDeg: 9, fieldOfViewDeg: 53 }, WIDTH, HEIGHT));
  const { novel } = comparison.novelty(now, ALL_KNOWN, alignment);
  return differencesOf(novel, now, ALL_KNOWN, comparison, alignment, scale, {
    ...DEFAULT_SETTINGS,
    nearRow: 0,
  });
}

const candidates = (layer: Layer, now: EdgeMap) =>
  differencesFrom(layer, now).filter(({ kind }) => kind === 'thing' || kind === 'flat');

const AS_EVER = learned(edgesAt(ATRIUM), edgesAt(ATRIUM, [], { dx: 0.03, dy: -0.02, dtheta: 0.01 }));

t.test('more or less light leaves the edges of a picture where they are', async (t) => {
  const bright = edgesAt(ATRIUM);
  const dim = edgesAt(ATRIUM, [], {}, DAY, 0.6);
  const reach = new Reach(bright, 1, all);
  let known = 0;
  let count = 0;
  for (let cell = 0; cell < dim.strength.length; cell++) {
    if ((dim.strength[cell] ?? 0) === 0) continue;
    count++;
    if (reach.knows(cell, dim.direction[cell] ?? 0, dim.strength[cell] ?? 0)) known++;
  }
  t.ok(count > 500, `${count} edges`);
  t.ok(known > 0.95 * count, `${known} of them were there in twice the light`);
});

t.test(
  'edges do not say which side is the brighter one, so no picture can be made of them again',
  async (t) => {
    const levels = levelsAt(ATRIUM);
    // The logarithm of light mirrored at its middle: what was bright is dark, with the same contrasts.
    const turned = levels.map((level) => (3600 / (level / LEVEL + 8) - 8) * LEVEL);
    const [as, against] = [edgesAt(ATRIUM), edgeMapOf(turned, LEVEL, WIDTH, GRID)];
    let edges = 0;
    let same = 0;
    for (let cell = 0; cell < as.strength.length; cell++) {
      if (as.strength[cell] === 0) continue;
      edges++;
      if (Math.abs((as.strength[cell] ?? 0) - (against.strength[cell] ?? 0)) <= 1) same++;
    }
    t.ok(edges > 500 && same > 0.8 * edges, `${same} of ${edges}`);
  },
);

t.test('the same view parked centimetres aside is brought into line, another view is not', async (t) => {
  const reach = new Reach(edgesAt(ATRIUM), 1, all);
  for (const offset of [
    { dx: 0.05 },
    { dy: -0.05, dtheta: 0.035 },
    { dx: -0.03, dy: 0.04, dtheta: -0.035 },
  ]) {
    t.equal(alignmentOf(edgesAt(ATRIUM, [], offset), ALL_KNOWN, reach).isInLine, true);
  }
  t.equal(alignmentOf(edgesAt(ENTRANCE), ALL_KNOWN, reach).isInLine, false);
  t.equal(alignmentOf(edgesAt(LIFTS), ALL_KNOWN, reach).isInLine, false);
});

t.test('turned by two degrees, the shift is what geometry says', async (t) => {
  const reach = new Reach(edgesAt(ATRIUM), 1, all);
  const { shift } = alignmentOf(edgesAt(ATRIUM, [], { dtheta: 0.035 }), ALL_KNOWN, reach);
  const expected = (WIDTH * Math.tan(0.035)) / GRID.cellPx;
  t.ok(Math.abs(shift.dx - expected) <= 1, `${shift.dx} cells, ${expected.toFixed(1)} expected`);
});

t.test('a bag that was not there is a thing, whatever the light and the parking', async (t) => {
  const dark = { ...DAY, lamps: DAY.lamps.map((power, index) => (index === 1 ? 0 : power * 0.9)) };
  for (const [offset, lighting, exposure] of [
    [{}, DAY, 1],
    [{ dx: 0.05, dy: -0.04, dtheta: -0.03 }, DAY, 0.65],
    [{ dx: -0.05, dtheta: 0.02 }, dark, 1.2],
  ] as const) {
    const found = candidates(AS_EVER, edgesAt(ATRIUM, [BAG], offset, lighting, exposure));
    t.match(found, [{ kind: 'thing' }]);
    t.equal(found.length, 1);
  }
});

t.test('the place as it was gives no candidate, in other light and from beside the mark', async (t) => {
  const dark = { ...DAY, lamps: DAY.lamps.map((power, index) => (index === 2 ? 0 : power)) };
  t.same(candidates(AS_EVER, edgesAt(ATRIUM, [], { dx: 0.05, dy: 0.03, dtheta: 0.03 }, dark, 1.3)), []);
  t.same(candidates(AS_EVER, edgesAt(ATRIUM, [], { dx: -0.05, dy: -0.05, dtheta: -0.03 }, DAY, 0.7)), []);
});

t.test('a patch of sun through which the floor shows is light', async (t) => {
  const sun = { x: 8.4, y: 4.3, length: 1.1, width: 0.6, gain: 1.6 };
  const found = differencesFrom(AS_EVER, edgesAt(ATRIUM, [], {}, { ...DAY, sun }));
  t.ok(
    found.every(({ kind }) => kind !== 'thing'),
    found.map(({ kind }) => kind).join(),
  );
});

t.test('one visit alone makes no reference: nothing is new by it', async (t) => {
  t.same(candidates(learned(edgesAt(ATRIUM)), edgesAt(ATRIUM, [BAG])), []);
});

t.test('what is barred is never learned, what stays away is forgotten', async (t) => {
  const layer = learned(edgesAt(ATRIUM), edgesAt(ATRIUM));
  const before = layer.support.filter((value) => value > 0).length;
  const barred = new Uint8Array(ALL_KNOWN.length).fill(1);
  layer.learn({ map: edgesAt(ATRIUM, [BAG]), known: ALL_KNOWN }, unmoved(GRID), barred);
  t.equal(layer.support.filter((value) => value > 0).length, before);
  const empty = { ...edgesAt(ATRIUM), strength: new Uint8Array(ALL_KNOWN.length) };
  for (let visit = 0; visit < 4; visit++) layer.learn({ map: empty, known: ALL_KNOWN }, unmoved(GRID), NONE);
  t.equal(layer.support.filter((value) => value > 0).length, 0);
  t.equal(HALL.solids.length > 10, true);
});
