import { WatchpostError } from '../errors.ts';
import { distance, type MapPoint } from './geometry.ts';
import type { RouteNode, SiteMap } from './site-map.ts';

const AT = /^([a-z0-9-]{1,32}):(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/;

/**
 * The nodes at which a place is reached: a node itself, those of a station, where a robot stops for a fixed device, or
 * the nearest to `FLOOR:X,Y`. Throws WP4820.
 */
export function placeNodes(map: SiteMap, place: string): readonly RouteNode[] {
  const node = map.nodes.get(place);
  if (node !== undefined) return [node];
  const station = map.stations.get(place);
  if (station !== undefined) return station.nodes;
  const device = map.devices.get(place);
  const stop = map.nodes.get(device?.node ?? '');
  if (stop !== undefined) return [stop];
  const [, floor, x, y] = AT.exec(place) ?? [];
  const at = device ?? (floor === undefined ? null : { map: floor, x: Number(x), y: Number(y) });
  const nearest = at === null ? null : nearestNode(map, at.map, [at.x, at.y]);
  if (nearest === null) throw new WatchpostError('WP4820', { detail: place });
  return [nearest];
}

/** The nearest node of a floor with no wall between, else the nearest; null where the floor has none. */
export function nearestNode(map: SiteMap, floor: string, at: MapPoint): RouteNode | null {
  const plan = map.floors.get(floor)?.floorPlan;
  const near = [...map.nodes.values()]
    .filter((node) => node.map === floor)
    .sort((a, b) => distance(a.at, at) - distance(b.at, at));
  return (
    near.slice(0, LOOKED_AT).find((node) => plan?.firstObstacle(at, node.at) === null) ?? near[0] ?? null
  );
}

/** Behind these, a wall is in the way of all of them and the first will do. */
const LOOKED_AT = 32;
