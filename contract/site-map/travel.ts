import { distance, type MapPoint, piecesOf } from './geometry.ts';
import { changesFloor, type RouteEdge, type SiteMap, type Way } from './site-map.ts';
import { speedLimitAt } from './zones.ts';

/** What a robot can do and what its way asks of it. */
export interface TravelSetting {
  readonly map: SiteMap;
  /** Where nothing else is said. */
  readonly speedMps: number;
}

/** Seconds that an edge takes, without turning: length by speed, slower in slow zones, and the lift between floors. */
export function travelSeconds(edge: RouteEdge, way: Way, { map, speedMps }: TravelSetting): number {
  const speed = Math.min(speedMps, way.properties.maxSpeed ?? speedMps);
  if (changesFloor(edge)) return map.settings.changeFloorS + way.lengthM / speed;
  const outlines = map.zones
    .filter((zone) => zone.kind === 'slow' && zone.map === edge.from.map)
    .map(({ polygon }) => polygon);
  let seconds = 0;
  for (const [from, to] of legsOf(way.line)) {
    for (const { share, middle } of piecesOf(from, to, outlines)) {
      const limit = speedLimitAt(map, edge.from.map, middle) ?? speed;
      seconds += (share * distance(from, to)) / Math.min(speed, limit);
    }
  }
  // A line may end a hand's breadth from its nodes, and is never taken for shorter than the straight way.
  return Math.max(seconds, way.lengthM / speed);
}

/** Radians to turn at the node between two edges, 0 to π; 0 where one of them has no direction, as a lift has none. */
export function turnBetween(before: Way, after: Way): number {
  const from = headingOf(before, 'end');
  const to = headingOf(after, 'start');
  if (from === null || to === null) return 0;
  const turn = Math.abs(to - from) % (2 * Math.PI);
  return Math.min(turn, 2 * Math.PI - turn);
}

/** Where the robot looks: along the line, or as the edge orders (LIF 1.0.0, vehicleOrientation). */
function headingOf({ line, properties }: Way, at: 'start' | 'end'): number | null {
  const { vehicleOrientation = 0, orientationType = 'TANGENTIAL' } = properties;
  if (orientationType === 'GLOBAL') return vehicleOrientation;
  const legs = legsOf(line).filter(([from, to]) => distance(from, to) > 0);
  const leg = at === 'start' ? legs[0] : legs.at(-1);
  if (leg === undefined) return null;
  const [[x, y], [toX, toY]] = leg;
  return Math.atan2(toY - y, toX - x) + vehicleOrientation;
}

const legsOf = (line: readonly MapPoint[]): [MapPoint, MapPoint][] =>
  line.slice(1).map((to, index) => [line[index] ?? to, to]);
