import { isInside, type MapPoint, outlineProblem } from './geometry.ts';
import type { LineOf } from './parse.ts';
import { type ProblemList, pathText } from './problem.ts';
import type { MapFloor } from './site-map.ts';
import type { MapZone, SiteMapFile } from './site-map-file.ts';

type NoGo = Extract<MapZone, { kind: 'no-go' }>;

export const noGoZones = ({ zones }: { readonly zones: readonly MapZone[] }, map: string): NoGo[] =>
  zones.filter((zone): zone is NoGo => zone.kind === 'no-go' && zone.map === map);

/** The zones that a point of a floor is in; on the outline counts. */
export const zonesAt = (
  { zones }: { readonly zones: readonly MapZone[] },
  map: string,
  at: MapPoint,
): MapZone[] => zones.filter((zone) => zone.map === map && isInside(at, zone.polygon));

/** Metres a second that the slow zones leave at a point: the least of them, null where there is none. */
export function speedLimitAt(
  map: { readonly zones: readonly MapZone[] },
  floor: string,
  at: MapPoint,
): number | null {
  const limits = zonesAt(map, floor, at).flatMap((zone) => (zone.kind === 'slow' ? [zone.maxSpeedMps] : []));
  return limits.length === 0 ? null : Math.min(...limits);
}

interface Setting {
  readonly file: string;
  readonly floors: ReadonlyMap<string, MapFloor>;
  /** Lines of `site-map.yaml`. */
  readonly lineOf: LineOf;
  readonly problems: ProblemList;
}

/** What is wrong with the zones of a site. */
export function checkZones({ zones, speedMps }: SiteMapFile, setting: Setting): void {
  for (const [index, zone] of zones.entries()) {
    const wrong = wrongsOf(zone, index, zones, setting);
    for (const { key, message, hint } of wrong) {
      const path = ['zones', index, key];
      setting.problems.error('WP4815', { ...place(setting, path), message, hint });
    }
    if (zone.kind !== 'slow' || zone.maxSpeedMps < speedMps) continue;
    const message = `is ${zone.maxSpeedMps}, no slower than robots go anyway (speedMps ${speedMps})`;
    const path = ['zones', index, 'maxSpeedMps'];
    setting.problems.warning('WP4816', {
      ...place(setting, path),
      message,
      hint: 'lower it, or leave the zone out',
    });
  }
}

interface Wrong {
  readonly key: 'id' | 'map' | 'polygon';
  readonly message: string;
  readonly hint: string;
}

function wrongsOf(zone: MapZone, index: number, zones: readonly MapZone[], { floors }: Setting): Wrong[] {
  const wrongs: Wrong[] = [];
  const first = zones.findIndex(({ id }) => id === zone.id);
  if (first !== index) {
    wrongs.push({
      key: 'id',
      message: `is ${zone.id}, as that of zone ${first + 1} is`,
      hint: 'give each its own',
    });
  }
  const outline = outlineProblem(zone.polygon);
  if (outline !== null) wrongs.push({ key: 'polygon', ...outline });
  const floor = floors.get(zone.map);
  if (floor === undefined) {
    const hint = `use one of ${[...floors.keys()].join(', ')}`;
    wrongs.push({ key: 'map', message: `is ${zone.map}, which is no floor of this site`, hint });
    return wrongs;
  }
  const off = zone.polygon.findIndex(
    (corner) => floor.floorPlan.at(corner) === null && !isOnRim(corner, floor),
  );
  if (off >= 0) {
    const [x, y] = zone.polygon[off] ?? [0, 0];
    const message = `has corner ${off + 1} at ${x}, ${y}, off the plan of ${zone.map}`;
    wrongs.push({
      key: 'polygon',
      message,
      hint: 'corners are metres on that floor, as the nodes of the graph are',
    });
  }
  return wrongs;
}

/** The upper and right edges of a plan belong to no cell, but a zone may reach them. */
function isOnRim([x, y]: MapPoint, { floorPlan }: MapFloor): boolean {
  const half = floorPlan.resolutionM / 2;
  return [-half, half].some((dx) => [-half, half].some((dy) => floorPlan.at([x + dx, y + dy]) !== null));
}

const place = ({ file, lineOf }: Setting, path: readonly (string | number)[]) => ({
  file,
  line: lineOf(path),
  path: pathText(path),
});
