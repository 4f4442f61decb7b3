import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t, { type Test } from 'tap';
import { LOOK_EVERY_MS, MapKeeper } from '#broker/site-map/map-keeper.ts';
import { readForBroker, readInWorker } from '#broker/site-map/map-reading.ts';
import { mapFolder, SITE_YAML } from '#test/contract/site-map/map-folder.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog } from '#test/support/site-database.ts';

async function keeperOf(t: Test, folder: string) {
  const clock = new ManualClock();
  const errors: string[] = [];
  const log = { ...silentLog, error: (_facts: object, event: string) => void errors.push(event) };
  const keeper = new MapKeeper({ folder, clock, log, read: async (from) => readForBroker(from) });
  await keeper.start();
  t.teardown(() => keeper.close());
  const looks = (count: number) => clock.advance(count * LOOK_EVERY_MS);
  return { keeper, looks, errors };
}

t.test('a changed map is taken once its files have rested', async (t) => {
  const folder = mapFolder(t);
  const { keeper, looks } = await keeperOf(t, folder);
  const before = keeper.digest;
  t.equal(keeper.map?.name, 'Test house');
  writeFileSync(join(folder, 'site-map.yaml'), SITE_YAML.replace('Test house', 'Another house'));
  await looks(1);
  t.equal(keeper.map?.name, 'Test house', 'it may still be on its way');
  await looks(1);
  t.equal(keeper.map?.name, 'Another house');
  t.not(keeper.digest, before);
  t.equal(keeper.trouble, null);
});

t.test('a broken map changes nothing and is said; a corrected one is taken', async (t) => {
  const folder = mapFolder(t);
  const { keeper, looks, errors } = await keeperOf(t, folder);
  const { digest } = keeper;
  writeFileSync(join(folder, 'routes.lif.json'), '{}');
  await looks(2);
  t.equal(keeper.digest, digest);
  t.equal(keeper.map?.nodes.size, 3);
  t.match(keeper.trouble, { code: 'WP3803', detail: /routes\.lif\.json: error WP4806/ });
  await looks(3);
  t.same(errors, ['site-map.broken'], 'said once');
  rmSync(join(folder, 'site-map.yaml'));
  await looks(2);
  t.equal(keeper.digest, digest, 'gone is broken too');
  t.match(keeper.trouble, { detail: /site-map\.yaml: error WP4801/ });
  const whole = mapFolder(t);
  const second = await keeperOf(t, whole);
  t.equal(second.keeper.digest, digest);
});

t.test('a site without a map has none, and takes one that comes', async (t) => {
  const folder = mapFolder(t, { 'site-map.yaml': null });
  const { keeper, looks, errors } = await keeperOf(t, folder);
  t.same([keeper.map, keeper.digest, keeper.trouble, keeper.picture('room')], [null, null, null, null]);
  t.equal(keeper.planner({}), null);
  await looks(2);
  t.same(errors, [], 'no map is no trouble');
  writeFileSync(join(folder, 'site-map.yaml'), SITE_YAML);
  await looks(2);
  t.equal(keeper.map?.name, 'Test house');
});

t.test('planners are kept for as long as the map is', async (t) => {
  const folder = mapFolder(t);
  const { keeper, looks } = await keeperOf(t, folder);
  const planner = keeper.planner({});
  t.equal(keeper.planner({}), planner);
  t.not(keeper.planner({ speedMps: 0.3 }), planner);
  writeFileSync(join(folder, 'site-map.yaml'), `${SITE_YAML}# again\n`);
  await looks(2);
  t.not(keeper.planner({}), planner);
});

t.test('the picture of a plan has opaque walls on transparent ground', async (t) => {
  const { keeper } = await keeperOf(t, mapFolder(t));
  const picture = decode(keeper.picture('room') ?? new Uint8Array());
  t.same([picture.width, picture.height, picture.channels], [20, 12, 2]);
  t.same([...picture.data.slice(0, 2)], [0, 255], 'the corner is wall');
  t.equal(picture.data[(20 + 1) * 2 + 1], 0, 'beside it is free');
  t.equal(keeper.picture('attic'), null);
});

t.test('a thread of its own reads what this one would', async (t) => {
  const folder = mapFolder(t);
  const clock = new ManualClock();
  const keeper = new MapKeeper({ folder, clock, log: silentLog, read: readInWorker });
  await keeper.start();
  t.equal(keeper.digest, readForBroker(folder).digest);
  t.same(keeper.picture('room'), readForBroker(folder).pictures.get('room'));
  t.same(keeper.planner({})?.plan({ from: 'room:2,1', to: 'desk' }).nodes, ['west', 'over', 'east']);
  t.match(JSON.parse(Buffer.from(keeper.graph ?? []).toString()), { layouts: [{ layoutId: 'all' }] });
  await keeper.close();
  t.equal(clock.pending, 0);
});

t.test('a reading that fails is a trouble, and one that is not wanted any more ends', async (t) => {
  const folder = mapFolder(t);
  const parts = { folder, clock: new ManualClock(), log: { ...silentLog, error: () => undefined } };
  const failing = new MapKeeper({ ...parts, read: () => Promise.reject(new RangeError('out of memory')) });
  await failing.start();
  t.match(failing.trouble, { code: 'WP3803', detail: 'RangeError: out of memory' });
  await failing.close();
  const slow = new MapKeeper({ ...parts, read: readInWorker });
  const started = slow.start();
  await slow.close();
  await started;
  t.same([slow.map, slow.trouble], [null, null]);
});
