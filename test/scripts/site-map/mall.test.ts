import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import { readSiteMap } from '#contract/site-map/read-site-map.ts';
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
