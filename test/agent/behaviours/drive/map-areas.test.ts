import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { mapOf } from '#agent/behaviours/drive/area.ts';
import { areasOfMap } from '#agent/behaviours/drive/map-areas.ts';
import { readSiteMap } from '#contract/site-map/read-site-map.ts';

const MALL = fileURLToPath(new URL('../../../../device-profiles/sites/maps/central-mall', import.meta.url));

t.test('of a site map, its plans are the bounds, and its zones are shut and slow', async (t) => {
  const { areas, problem } = areasOfMap(MALL);
  t.equal(problem, null);
  const ask = mapOf(areas);
  const { map } = readSiteMap(MALL);
  t.ok(map !== null && map.nodes.size > 0);
  for (const { map: floor, at } of map?.nodes.values() ?? []) {
    const said = ask?.({ map: floor, x: at[0], y: at[1], theta: 0 });
    t.equal(said?.isAllowed, true, `a node of the graph at ${at} on ${floor}`);
  }
  t.equal(ask?.({ map: 'central-mall-g', x: -1000, y: 0, theta: 0 }).isAllowed, false);
  t.equal(ask?.({ map: 'elsewhere', x: 1, y: 1, theta: 0 }).isAllowed, false);
  for (const zone of map?.zones ?? []) {
    const [x, y] = [0, 1].map(
      (axis) => zone.polygon.reduce((sum, corner) => sum + (corner[axis] ?? 0), 0) / zone.polygon.length,
    );
    const said = ask?.({ map: zone.map, x: x ?? 0, y: y ?? 0, theta: 0 });
    if (zone.kind === 'no-go') t.equal(said?.isAllowed, false, zone.id);
    if (zone.kind === 'slow') t.ok((said?.maxMps ?? 9) <= zone.maxSpeedMps, zone.id);
  }
});

t.test('a map that is not whole says what it lacks, and has no areas', async (t) => {
  const folder = join(t.testdir({}), 'map');
  cpSync(MALL, folder, { recursive: true });
  rmSync(join(folder, 'central-mall-1.yaml'));
  const { areas, problem } = areasOfMap(folder);
  t.same(areas, []);
  t.match(problem, /central-mall-1\.yaml/);
});
