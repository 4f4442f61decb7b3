import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import { readSiteMap } from '#contract/site-map/read-site-map.ts';
import { placeDemoMap } from '#scripts/site/demo-site.ts';
import { MALL_DIR, mallFiles } from '#scripts/site-map/draw-mall.ts';

t.test('the example mall is as its script draws it: run node scripts/site-map/draw-mall.ts', async (t) => {
  for (const [name, content] of mallFiles()) {
    const kept = readFileSync(join(MALL_DIR, name));
    if (name.endsWith('.json')) t.same(JSON.parse(kept.toString()), JSON.parse(String(content)), name);
    else if (typeof content === 'string') t.equal(kept.toString(), content, name);
    else t.ok(Buffer.from(decode(kept).data.buffer).equals(Buffer.from(decode(content).data.buffer)), name);
  }
});

t.test('the example mall has nothing to find fault with', async (t) => {
  const { map, problems } = readSiteMap(MALL_DIR);
  t.same(problems, []);
  t.same([map?.floors.size, map?.nodes.size, map?.edges.size], [2, 30, 59]);
  t.same(new Set(map?.zones.map(({ kind }) => kind)), new Set(['no-go', 'slow', 'quiet', 'speak']));
});

t.test('the demo gets its map once, and keeps one that somebody else has put there', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-demo-map-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  placeDemoMap({ dataDir });
  const folder = join(dataDir, 'broker', 'maps');
  t.equal(readSiteMap(folder).digest, readSiteMap(MALL_DIR).digest);
  writeFileSync(join(folder, 'site-map.yaml'), 'mine');
  placeDemoMap({ dataDir });
  t.equal(readFileSync(join(folder, 'site-map.yaml'), 'utf8'), 'mine');
});
