import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MALL_FLOORS } from './mall.ts';
import { drawFloor, RESOLUTION_M } from './mall-drawing.ts';
import { mallGraph } from './mall-graph.ts';

/** The map of the site that scripts/up starts. */
export const MALL_DIR = fileURLToPath(
  new URL('../../device-profiles/sites/maps/central-mall/', import.meta.url),
);

/** Plans and graph of the example mall, by file name; site-map.yaml, with the zones, is written by hand. */
export function mallFiles(): Map<string, Uint8Array | string> {
  const files = new Map<string, Uint8Array | string>();
  for (const { id, drawing } of MALL_FLOORS) {
    files.set(`${id}.png`, drawFloor(drawing));
    files.set(`${id}.yaml`, planYaml(id));
  }
  return files.set('routes.lif.json', `${JSON.stringify(mallGraph(), null, 2)}\n`);
}

/** The thresholds are map_saver's own. */
const planYaml = (id: string): string => `image: ${id}.png
mode: trinary
resolution: ${RESOLUTION_M}
origin: [0, 0, 0]
negate: 0
occupied_thresh: 0.65
free_thresh: 0.196
`;

if (import.meta.main) {
  mkdirSync(MALL_DIR, { recursive: true });
  for (const [name, content] of mallFiles()) writeFileSync(join(MALL_DIR, name), content);
}
