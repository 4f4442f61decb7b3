import { deserialize, serialize } from 'node:v8';
import t from 'tap';
import { type Detection, Detector } from '#agent/vision/detector.ts';
import type { DetectorMemory } from '#agent/vision/detector-memory.ts';
import { BAG, HEIGHT, type Patch, pictureOf, visitor, WIDTH } from './picture-maker.ts';

const DWELL_S = 10;
let ids = 0;
const fresh = () =>
  new Detector({ width: WIDTH, height: HEIGHT, dwellS: DWELL_S, newObjectId: () => `object-${++ids}` });

/** Plays `sceneAt` from `fromT` to `toT` of the world; stream time begins at 0 each time. */
function run(detector: Detector, fromT: number, toT: number, sceneAt: (t: number) => readonly Patch[]) {
  const found: Detection[] = [];
  for (let i = Math.round(fromT * 10); i < toT * 10; i++) {
    const t = i / 10 - fromT;
    const at = found.length;
    found.push(...detector.push(pictureOf(sceneAt(i / 10), t)));
    for (const each of found.slice(at)) found[found.indexOf(each)] = { ...each, t: each.t + fromT };
  }
  return found;
}

const saved = (detector: Detector): DetectorMemory => {
  const memory = detector.save();
  if (memory === null) throw new Error('nothing to save');
  return deserialize(serialize(memory));
};

const withBag = (now: number) => [...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9)];

t.test('a clock that ran goes on over a restart, the gap included', async (t) => {
  const before = fresh();
  t.same(run(before, 0, 15, withBag), []);
  const after = fresh();
  after.restore(saved(before), 2);
  const found = run(after, 17, 30, withBag);
  t.equal(found.length, 1);
  t.ok((found[0]?.t ?? 0) < 23, `told at ${found[0]?.t}: who left at 9 was out of reach three seconds later`);
  t.ok((found[0]?.measurements?.dwellS ?? 0) >= DWELL_S);
});

t.test('without the memory it would have been part of the scene', async (t) => {
  t.same(run(fresh(), 17, 40, withBag), []);
});

t.test('what was reported is not reported again, and its end is told under the same id', async (t) => {
  const before = fresh();
  const [left] = run(before, 0, 25, withBag);
  t.equal(left?.change, 'left');
  const after = fresh();
  after.restore(saved(before), 1);
  const found = run(after, 26, 50, (now) => (now < 40 ? withBag(now) : []));
  t.match(found, [{ change: 'removed', objectId: left?.objectId ?? 'none' }]);
  t.equal(found.length, 1);
});

t.test('what was taken during the gap is not reported', async (t) => {
  const before = fresh();
  run(before, 0, 15, withBag);
  const after = fresh();
  after.restore(saved(before), 2);
  t.same(
    run(after, 17, 40, () => []),
    [],
  );
});

t.test('whoever is still with it after the restart attends it', async (t) => {
  const scene = (now: number) => [...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 26)];
  const before = fresh();
  run(before, 0, 12, scene);
  const after = fresh();
  after.restore(saved(before), 1);
  const found = run(after, 13, 45, scene);
  t.equal(found.length, 1);
  t.ok((found[0]?.t ?? 0) >= 36, 'the clock starts when they leave');
});

t.test('a memory of another size is refused with its code', async (t) => {
  const before = fresh();
  run(before, 0, 5, () => []);
  const memory = { ...saved(before), width: 320 };
  t.throws(() => fresh().restore(memory, 0), { code: 'WP2425' });
});

t.test('nothing is saved before the scene is known, and nothing of how anybody looks', async (t) => {
  t.equal(fresh().save(), null);
  const before = fresh();
  run(before, 0, 12, withBag);
  t.notOk(JSON.stringify(saved(before).tracks).includes('look'));
});
