import { cutOff } from '#contract/site-map/reach.ts';
import { type RouteEdge, type SiteMap, vehicleTypesOf } from '#contract/site-map/site-map.ts';

/** A map in figures, for people and for programs. */
export function describeMap(map: SiteMap): { readonly text: string; readonly facts: object } {
  const facts = factsOf(map);
  const { floors, nodes, edges, stations, zones, devices, longest, unreachable, vehicleTypes } = facts;
  const lines = [
    `${map.name}: ${floors.length} floors, ${nodes} nodes, ${edges} edges, ${stations} stations, ${zones.length} zones, ${devices} fixed devices`,
    ...floors.map(
      ({ id, name, level, cells, resolutionM, bounds, free, nodes: here }) =>
        `  floor ${id} (${name}, level ${level}): ${cells} cells of ${resolutionM} m, ${bounds}, ${free} % free, ${here} nodes`,
    ),
    `  vehicles: ${vehicleTypes.join(', ') || 'none'}`,
    `  longest edge: ${longest === null ? 'none' : `${longest.id}, ${longest.metres.toFixed(1)} m`}`,
    `  not to be reached and left: ${unreachable.join(', ') || 'none'}`,
    ...zones.map(({ id, kind, map: floor }) => `  zone ${id}: ${kind} on ${floor}`),
  ];
  return { text: `${lines.join('\n')}\n`, facts };
}

function factsOf(map: SiteMap) {
  const edges = [...map.edges.values()];
  const longest = edges.reduce<RouteEdge | null>(
    (best, edge) => (best === null || lengthOf(edge) > lengthOf(best) ? edge : best),
    null,
  );
  return {
    name: map.name,
    floors: [...map.floors.values()].map(({ id, name, level, floorPlan }) => ({
      ...{ id, name, level, resolutionM: floorPlan.resolutionM },
      cells: `${floorPlan.width} × ${floorPlan.height}`,
      bounds: `${floorPlan.bounds.min.join(', ')} to ${floorPlan.bounds.max.map((m) => m.toFixed(1)).join(', ')}`,
      free: Math.round(floorPlan.shares.free * 100),
      nodes: [...map.nodes.values()].filter((node) => node.map === id).length,
    })),
    nodes: map.nodes.size,
    edges: edges.length,
    stations: map.stations.size,
    devices: map.devices.size,
    zones: map.zones.map(({ id, kind, map: floor }) => ({ id, kind, map: floor })),
    vehicleTypes: vehicleTypesOf(map),
    longest: longest === null ? null : { id: longest.id, metres: lengthOf(longest) },
    unreachable: cutOff(map),
  };
}

const lengthOf = ({ ways }: RouteEdge): number =>
  Math.max(0, ...[...ways.values()].map(({ lengthM }) => lengthM));
