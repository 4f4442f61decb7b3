import createGraph, { type Graph, type Link } from 'ngraph.graph';
import { aStar, type PathFinder } from 'ngraph.path';
import { WatchpostError } from '../errors.ts';
import { distance, isInside, shareInside } from './geometry.ts';
import { placeNodes } from './places.ts';
import {
  changesFloor,
  type RouteEdge,
  type RouteNode,
  type SiteMap,
  vehicleTypesOf,
  type Way,
} from './site-map.ts';
import { travelSeconds, turnBetween } from './travel.ts';
import { noGoZones } from './zones.ts';

/** For whom routes are planned. */
export interface Vehicle {
  /** As the graph names it; where it is not said, every edge counts, as its first type has it. */
  readonly vehicleType?: string | undefined;
  /** Metres a second at most; the site's own where it is not said. */
  readonly speedMps?: number | undefined;
}

export interface RouteQuery {
  /** A node, a station, a fixed device, or `FLOOR:X,Y`. */
  readonly from: string;
  readonly to: string;
  /** Ids of edges and nodes that cannot be used now. */
  readonly blocked?: ReadonlySet<string>;
}

export interface Route {
  /** Ids, from the start to the end; one more than edges. */
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
  readonly metres: number;
  /** Driving, lifts and turning. */
  readonly seconds: number;
  /** Of these, turning on the spot at nodes. */
  readonly turningS: number;
}

interface Leg {
  readonly edge: RouteEdge;
  readonly way: Way;
  readonly seconds: number;
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Plans the quickest way for one type of vehicle, by A* with seconds as cost (ngraph.path). Turning is in `seconds` but
 * does not choose the way: weighing it needs a state for each edge, which takes eight times as long (docs/site-map.md).
 */
export class RoutePlanner {
  readonly #map: SiteMap;
  readonly #graph: Graph<RouteNode, Leg>;
  readonly #finder: PathFinder<RouteNode>;
  #blocked: ReadonlySet<string> = NOTHING;

  /** Throws WP4822 where the graph does not know the type. */
  constructor(map: SiteMap, vehicle: Vehicle = {}) {
    this.#map = map;
    const speedMps = vehicle.speedMps ?? map.settings.speedMps;
    this.#graph = graphFor(map, { ...vehicle, speedMps });
    this.#finder = aStar<RouteNode, Leg>(this.#graph, {
      oriented: true,
      distance: (_to, _from, { data }) => data.seconds,
      blocked: (to, _from, { data }) => this.#blocked.has(data.edge.id) || this.#blocked.has(String(to.id)),
      heuristic: ({ data: a }, { data: b }) => {
        const lift = a.map === b.map ? 0 : map.settings.changeFloorS;
        return distance(a.at, b.at) / speedMps + lift;
      },
    });
  }

  /** The quickest route. Throws WP4820 for a place that is not on the map, WP4821 where no way leads there. */
  plan({ from, to, blocked = NOTHING }: RouteQuery): Route {
    const starts = placeNodes(this.#map, from);
    const ends = placeNodes(this.#map, to);
    let best: Route | null = null;
    for (const start of starts) {
      for (const end of ends) {
        const route = this.#between(start, end, blocked);
        if (route !== null && (best === null || route.seconds < best.seconds)) best = route;
      }
    }
    if (best === null) throw new WatchpostError('WP4821', { detail: `${from} to ${to}` });
    return best;
  }

  #between(start: RouteNode, end: RouteNode, blocked: ReadonlySet<string>): Route | null {
    if (!this.#graph.hasNode(start.id) || !this.#graph.hasNode(end.id)) return null;
    if (blocked.has(start.id) || blocked.has(end.id)) return null;
    this.#blocked = blocked;
    const ids = this.#finder
      .find(start.id, end.id)
      .map(({ id }) => String(id))
      .reverse();
    // Nodes behind blocked links only are visited too: their path has no beginning.
    return ids[0] === start.id ? this.#routeThrough(ids) : null;
  }

  #routeThrough(ids: readonly string[]): Route {
    const legs = ids.slice(1).map((id, index) => this.#quickest(ids[index] ?? '', id));
    const driving = sum(legs.map(({ seconds }) => seconds));
    const turningS = sum(legs.slice(1).map((leg, index) => this.#turnSeconds(legs[index] ?? leg, leg)));
    return {
      nodes: ids,
      edges: legs.map(({ edge }) => edge.id),
      metres: sum(legs.map(({ way }) => way.lengthM)),
      seconds: driving + turningS,
      turningS,
    };
  }

  /** Two nodes may have several edges; the search has counted with the quickest that is not blocked. */
  #quickest(from: string, to: string): Leg {
    const links: Link<Leg>[] = [...(this.#graph.getLinks(from) ?? [])];
    const [first, ...others] = links
      .filter(({ fromId, toId, data }) => fromId === from && toId === to && !this.#blocked.has(data.edge.id))
      .map(({ data }) => data);
    if (first === undefined) throw new WatchpostError('WP4821', { detail: `${from} to ${to}` });
    return others.reduce((best, leg) => (leg.seconds < best.seconds ? leg : best), first);
  }

  #turnSeconds(before: Leg, after: Leg): number {
    const { turnRadps } = this.#map.settings;
    const rate = Math.min(turnRadps, after.way.properties.maxRotationSpeed ?? turnRadps);
    return turnBetween(before.way, after.way) / rate;
  }
}

/** The graph that is searched. What cannot be used is left out: other types, no-go zones, edges for loaded vehicles only. */
export function graphFor(
  map: SiteMap,
  { vehicleType, speedMps }: Vehicle & { speedMps: number },
): Graph<RouteNode, Leg> {
  if (vehicleType !== undefined && !vehicleTypesOf(map).includes(vehicleType)) {
    throw new WatchpostError('WP4822', {
      detail: `${vehicleType}; it knows ${vehicleTypesOf(map).join(', ')}`,
    });
  }
  const graph = createGraph<RouteNode, Leg>({ multigraph: true });
  for (const node of map.nodes.values()) {
    if (mayBeAt(node, map, vehicleType)) graph.addNode(node.id, node);
  }
  for (const edge of map.edges.values()) {
    const way = wayFor(edge, vehicleType);
    if (way === null || !graph.hasNode(edge.from.id) || !graph.hasNode(edge.to.id)) continue;
    if (way.properties.loadRestriction?.unloaded === false || crossesNoGo(edge, way, map)) continue;
    graph.addLink(edge.from.id, edge.to.id, {
      edge,
      way,
      seconds: travelSeconds(edge, way, { map, speedMps }),
    });
  }
  return graph;
}

const mayBeAt = (node: RouteNode, map: SiteMap, vehicleType: string | undefined): boolean =>
  (vehicleType === undefined || node.vehicleTypes.includes(vehicleType)) &&
  !noGoZones(map, node.map).some(({ polygon }) => isInside(node.at, polygon));

function wayFor({ ways }: RouteEdge, vehicleType: string | undefined): Way | null {
  if (vehicleType !== undefined) return ways.get(vehicleType) ?? null;
  const [first] = ways.values();
  return first ?? null;
}

function crossesNoGo(edge: RouteEdge, { line }: Way, map: SiteMap): boolean {
  if (changesFloor(edge)) return false;
  return noGoZones(map, edge.from.map).some(({ polygon }) =>
    line.some((to, index) => index > 0 && shareInside(line[index - 1] ?? to, to, polygon) > 0),
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
