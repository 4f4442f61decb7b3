import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t, { type Test } from 'tap';
import { LOOK_EVERY_MS, MapKeeper } from '#broker/site-map/map-keeper.ts';
import { mapFolder, SITE_YAML } from '#test/contract/site-map/map-folder.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog } from '#test/support/site-database.ts';

function keeperOf(t: Test, folder: string) {
  const clock = new ManualClock();
  const errors: string[] = [];
  const log = { ...silentLog, error: (_facts: object, event: string) => void errors.push(event) };
  const keeper = new MapKeeper({ folder, clock, log });
  keeper.start();
  t.teardown(() => keeper.close());
  const looks = (count: number) => clock.advance(count * LOOK_EVERY_MS);
  return { keeper, looks, errors };
}

t.test('a changed map is taken once its files have rested', async (t) => {
  const folder = mapFolder(t);
  const { keeper, looks } = keeperOf(t, folder);
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
  const { keeper, looks, errors } = keeperOf(t, folder);
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
  const second = keeperOf(t, whole);
  t.equal(second.keeper.digest, digest);
});

t.test('a site without a map has none, and takes one that comes', async (t) => {
  const folder = mapFolder(t, { 'site-map.yaml': null });
  const { keeper, looks, errors } = keeperOf(t, folder);
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
  const { keeper, looks } = keeperOf(t, folder);
  const planner = keeper.planner({});
  t.equal(keeper.planner({}), planner);
  t.not(keeper.planner({ speedMps: 0.3 }), planner);
  writeFileSync(join(folder, 'site-map.yaml'), `${SITE_YAML}# again\n`);
  await looks(2);
  t.not(keeper.planner({}), planner);
});

t.test('the picture of a plan has opaque walls on transparent ground', async (t) => {
  const { keeper } = keeperOf(t, mapFolder(t));
  const picture = decode(keeper.picture('room') ?? new Uint8Array());
  t.same([picture.width, picture.height, picture.channels], [20, 12, 2]);
  t.same([...picture.data.slice(0, 2)], [0, 255], 'the corner is wall');
  t.equal(picture.data[(20 + 1) * 2 + 1], 0, 'beside it is free');
  t.equal(keeper.picture('attic'), null);
});
