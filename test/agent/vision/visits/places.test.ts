import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { unmoved } from '#agent/vision/visits/alignment.ts';
import type { EdgeMap } from '#agent/vision/visits/edge-map.ts';
import { Place } from '#agent/vision/visits/place.ts';
import { decodePlace, encodePlace } from '#agent/vision/visits/place-file.ts';
import { PlaceFolder } from '#agent/vision/visits/place-folder.ts';
import type { WatchpostError } from '#contract/errors.ts';

const GRID = { columns: 40, rows: 24, cellPx: 2 };
const CELLS = GRID.columns * GRID.rows;
const KNOWN = new Uint8Array(CELLS).fill(1);

function edges(seed: number): EdgeMap {
  const strength = Uint8Array.from({ length: CELLS }, (_, i) => ((i * 7 + seed) % 11 === 0 ? 5 : 0));
  return { grid: GRID, strength, direction: new Uint8Array(CELLS).fill(2), floor: new Uint8Array(6) };
}

function placeAt(waypoint: string, heading = 0.3): Place {
  const place = new Place(waypoint, heading, GRID);
  place.learn({ map: edges(1), known: KNOWN }, unmoved(GRID), 6.5, 1000);
  place.candidates.push({ cells: [3, 4, 5], kind: 'thing', objectId: 'o', firstMs: 1, lastMs: 2, visits: 1 });
  return place;
}

function folderOf(folder: string, more: { maxPlaces?: number; maxBytes?: number } = {}) {
  const troubles: string[] = [];
  const onTrouble = ({ code }: WatchpostError) => troubles.push(code);
  return { places: new PlaceFolder({ folder, onTrouble, ...more }), troubles };
}

t.test('a place comes back as it was kept', async (t) => {
  const { places, troubles } = folderOf(join(t.testdir(), 'references'));
  const place = placeAt('atrium');
  places.save(place);
  t.strictSame(places.find('atrium', 0.3, GRID), place);
  t.same(troubles, []);
});

t.test('only the owner may read what is kept, and nothing half written stays', async (t) => {
  const folder = join(t.testdir(), 'references');
  folderOf(folder).places.save(placeAt('atrium'));
  const [file = ''] = readdirSync(folder);
  t.same(readdirSync(folder), [file]);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  t.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
});

t.test('a view is found by its heading within seven degrees and a half, across the turn too', async (t) => {
  const { places } = folderOf(t.testdir());
  places.save(placeAt('atrium', 3.1));
  t.ok(places.find('atrium', -3.12, GRID), 'from the other side of half a turn');
  t.equal(places.find('atrium', 2.9, GRID), null);
  t.equal(places.find('gate', 3.1, GRID), null);
  t.equal(places.find('atrium', 3.1, { ...GRID, columns: 41 }), null, 'nor in pictures of another size');
});

t.test('a stay in which very much is new can be read again, with all that was reported', async (t) => {
  const place = placeAt('atrium');
  const candidate = { cells: [7], kind: 'thing', objectId: null, firstMs: 1, lastMs: 2, visits: 0 } as const;
  for (let i = 0; i < 100; i++) place.candidates.push({ ...candidate, cells: [i] });
  place.candidates.push({ ...candidate, cells: [9], objectId: 'last' });
  const reported = decodePlace(encodePlace(place)).candidates.flatMap(({ objectId }) => objectId ?? []);
  t.same(reported, ['o', 'last']);
});

t.test('what may not have been sent is kept so, and forgotten when it is', async (t) => {
  const place = placeAt('atrium');
  const [sent] = place.candidates;
  if (sent === undefined) throw new Error('it has one');
  place.candidates.push({ ...sent, objectId: 'new', isUnsent: true });
  place.departing.push({ ...sent, objectId: 'gone' });
  const kept = decodePlace(encodePlace(place)).candidates;
  t.same(
    kept.map(({ objectId, isUnsent }) => [objectId, isUnsent]),
    [
      ['o', undefined],
      ['new', true],
      ['gone', undefined],
    ],
  );
  place.markSent();
  const later = decodePlace(encodePlace(place)).candidates;
  t.same(
    later.map(({ objectId, isUnsent }) => [objectId, isUnsent]),
    [
      ['o', undefined],
      ['new', undefined],
    ],
  );
});

t.test('whatever is cut off or changed in a file, it is said, forgotten and no crash', async (t) => {
  const whole = encodePlace(placeAt('atrium'));
  for (let at = 0; at < whole.length; at += 7) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    t.throws(() => decodePlace(changed), { code: 'WP2460' });
    t.throws(() => decodePlace(whole.subarray(0, at)), { code: 'WP2460' });
  }
  const folder = t.testdir();
  const { places, troubles } = folderOf(folder);
  places.save(placeAt('atrium'));
  const [file = ''] = readdirSync(folder);
  writeFileSync(join(folder, file), readFileSync(join(folder, file)).subarray(0, 100));
  t.equal(places.find('atrium', 0.3, GRID), null);
  t.same(troubles, ['WP2460']);
  t.same(readdirSync(folder), [], 'it is gone');
  t.equal(places.find('atrium', 0.3, GRID), null);
  t.equal(troubles.length, 1, 'and not said again');
});

t.test('the number and the bytes of places are bounded; the newest stays', async (t) => {
  const folder = t.testdir();
  const { places } = folderOf(folder, { maxPlaces: 3 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) places.save(placeAt(name));
  t.equal(readdirSync(folder).length, 3);
  t.ok(places.find('e', 0.3, GRID));
  const small = folderOf(folder, { maxBytes: 1 });
  small.places.save(placeAt('f'));
  t.same(
    readdirSync(folder).map((file) => file[0]),
    ['f'],
  );
});

t.test('a folder that cannot be written to is said, and the visit goes on', async (t) => {
  const { places, troubles } = folderOf(join(t.testdir({ file: '' }), 'file'));
  places.save(placeAt('atrium'));
  t.ok(troubles.includes('WP2461'));
});

t.test('a candidate becomes part of the place after ten visits over a week, not before', async (t) => {
  const place = placeAt('atrium');
  const [candidate] = place.candidates;
  if (candidate === undefined) throw new Error('it has one');
  const dayMs = 24 * 3600 * 1000;
  candidate.visits = 10;
  place.learn({ map: edges(1), known: KNOWN }, unmoved(GRID), 6.5, 6 * dayMs);
  t.equal(place.candidates.length, 1);
  t.equal(place.layers[0]?.known[4], 1, 'its cells are not learned');
  t.equal(place.layers[0]?.known[CELLS - 1], 2, 'others are');
  place.learn({ map: edges(1), known: KNOWN }, unmoved(GRID), 6.5, 8 * dayMs);
  t.equal(place.candidates.length, 0);
  t.equal(place.layers[0]?.known[4], 2, 'now they are');
});

t.test('another light is another layer; more than three share', async (t) => {
  const place = new Place('atrium', 0, GRID);
  for (const light of [7, 6.8, 5, 3, 1]) {
    place.learn({ map: edges(1), known: KNOWN }, unmoved(GRID), light, 0);
  }
  t.same(
    place.layers.map(({ light, visits }) => [light, visits]),
    [
      [7, 2],
      [5, 1],
      [3, 2],
    ],
  );
});
