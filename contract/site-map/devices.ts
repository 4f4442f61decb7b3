import type { LineOf } from './parse.ts';
import { type ProblemList, pathText } from './problem.ts';
import type { SiteMap } from './site-map.ts';
import type { FixedDevice, SiteMapFile } from './site-map-file.ts';

interface Setting {
  readonly file: string;
  readonly lineOf: LineOf;
  readonly problems: ProblemList;
}

/** What is wrong with where the fixed devices stand. */
export function checkDevices(
  { devices }: SiteMapFile,
  map: SiteMap,
  { file, lineOf, problems }: Setting,
): void {
  for (const [index, device] of devices.entries()) {
    const isFirst = devices.findIndex((other) => other.device === device.device) === index;
    const wrong = isFirst
      ? wrongOf(device, map)
      : { key: 'device', message: `is ${device.device} a second time` };
    if (wrong === null) continue;
    const path = ['devices', index, wrong.key];
    const hint = 'each device stands at one place, on the plan of its floor';
    problems.error('WP4803', {
      file,
      line: lineOf(path),
      path: pathText(path),
      message: wrong.message,
      hint,
    });
  }
}

function wrongOf({ map: id, x, y, node }: FixedDevice, { floors, nodes }: SiteMap) {
  const floor = floors.get(id);
  if (floor === undefined) return { key: 'map', message: `is ${id}, which is no floor of this site` };
  if (floor.floorPlan.at([x, y]) === null)
    return { key: 'x', message: `puts it at ${x}, ${y}, off the plan of ${id}` };
  if (node === undefined) return null;
  const stop = nodes.get(node);
  if (stop === undefined) return { key: 'node', message: `is ${node}, which the graph does not have` };
  return stop.map === id ? null : { key: 'node', message: `is ${node}, which is on ${stop.map}` };
}
