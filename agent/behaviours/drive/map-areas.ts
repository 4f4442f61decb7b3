import type { DriveArea } from '#agent/ports/drive.ts';
import { readSiteMap } from '#contract/site-map/read-site-map.ts';
import type { MapFloor, SiteMap } from '#contract/site-map/site-map.ts';

export interface MapAreas {
  readonly areas: readonly DriveArea[];
  /** What is wrong first; null when it can be used. */
  readonly problem: string | null;
}

/** Where a robot may be by the map of its site: on the plan of a floor, outside what is shut to robots. */
export function areasOfMap(folder: string): MapAreas {
  const { map, problems } = readSiteMap(folder);
  if (map !== null)
    return { areas: [...map.floors.values()].map((floor) => areaOf(map, floor)), problem: null };
  const [first] = problems;
  return { areas: [], problem: first === undefined ? 'unreadable' : `${first.file}: ${first.message}` };
}

function areaOf({ zones }: SiteMap, { id, floorPlan }: MapFloor): DriveArea {
  const { width, height, resolutionM, origin } = floorPlan;
  const [x0, y0, yaw] = origin;
  const corner = (column: number, row: number): [number, number] => {
    const [x, y] = [column * resolutionM, row * resolutionM];
    return [x0 + x * Math.cos(yaw) - y * Math.sin(yaw), y0 + x * Math.sin(yaw) + y * Math.cos(yaw)];
  };
  const here = zones.filter((zone) => zone.map === id);
  const noGo = here.filter(({ kind }) => kind === 'no-go').map(({ polygon }) => polygon);
  const slow = here.flatMap((zone) =>
    zone.kind === 'slow' ? [{ polygon: zone.polygon, maxMps: zone.maxSpeedMps }] : [],
  );
  return {
    map: id,
    bounds: [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)],
    noGo,
    slow,
  };
}
