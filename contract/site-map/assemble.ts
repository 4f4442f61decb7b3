import { distance, lengthOf, type MapPoint } from './geometry.ts';
import type { Lif, LifEdge, LifLayout, LifNode, LifStation, VehicleTypeEdgeProperty } from './lif.ts';
import { curvePoints } from './nurbs.ts';
import { type ProblemList, pathText } from './problem.ts';
import type { RouteEdge, RouteNode, Station, Way } from './site-map.ts';
import type { Floor } from './site-map-file.ts';

export interface Graph {
  readonly nodes: ReadonlyMap<string, RouteNode>;
  readonly edges: ReadonlyMap<string, RouteEdge>;
  readonly stations: ReadonlyMap<string, Station>;
}

interface Setting {
  readonly file: string;
  readonly floors: ReadonlyMap<string, Floor>;
  readonly problems: ProblemList;
}

/** Ties the parts of a LIF together by their ids; what cannot be tied is a problem (WP4808) and left out. */
export function assemble(lif: Lif, setting: Setting): Graph {
  requireOwnIds(lif, setting);
  const nodes = new Map<string, RouteNode>();
  for (const [l, layout] of lif.layouts.entries()) {
    for (const [n, node] of layout.nodes.entries()) {
      const found = routeNode(node, layout, ['layouts', l, 'nodes', n], setting);
      if (found !== null) nodes.set(found.id, found);
    }
  }
  const edges = new Map<string, RouteEdge>();
  const stations = new Map<string, Station>();
  const known = new Set(lif.layouts.flatMap((layout) => layout.nodes.map(({ nodeId }) => nodeId)));
  for (const [l, layout] of lif.layouts.entries()) {
    const own = new Set(layout.nodes.map(({ nodeId }) => nodeId));
    for (const [e, edge] of layout.edges.entries()) {
      const found = routeEdge(edge, { nodes, own, known }, ['layouts', l, 'edges', e], setting);
      if (found !== null) edges.set(found.id, found);
    }
    for (const [s, station] of layout.stations.entries()) {
      stations.set(
        station.stationId,
        stationOf(station, { nodes, known }, ['layouts', l, 'stations', s], setting),
      );
    }
  }
  return { nodes, edges, stations };
}

interface Nodes {
  readonly nodes: Graph['nodes'];
  /** Ids of all nodes of the file, also of those that are wrong. */
  readonly known: ReadonlySet<string>;
}

type Path = readonly (string | number)[];

function routeNode(node: LifNode, layout: LifLayout, path: Path, { file, floors, problems }: Setting) {
  const map = floorOf(node, layout, floors);
  if (map === null) {
    const named = node.mapId ?? layout.layoutLevelId ?? layout.layoutId;
    problems.error('WP4809', {
      file,
      path: pathText([...path, 'mapId']),
      message: `is on ${named}, which is no floor of this site`,
      hint: `use one of ${[...floors.keys()].join(', ')}`,
    });
    return null;
  }
  const { x, y } = node.nodePosition;
  const at: MapPoint = [x, y];
  const vehicleTypes = node.vehicleTypeNodeProperties.map(({ vehicleTypeId }) => vehicleTypeId);
  refuseDoubleTypes(vehicleTypes, [...path, 'vehicleTypeNodeProperties'], { file, problems });
  return { id: node.nodeId, name: node.nodeName ?? null, map, at, vehicleTypes, path: pathText(path) };
}

/** `mapId` is optional in LIF: the level of its layout stands for it, or the layout itself. */
function floorOf(node: LifNode, layout: LifLayout, floors: Setting['floors']): string | null {
  if (node.mapId !== undefined) return floors.has(node.mapId) ? node.mapId : null;
  const candidates = [layout.layoutLevelId, layout.layoutId];
  return candidates.find((id) => id !== undefined && floors.has(id)) ?? null;
}

function routeEdge(
  edge: LifEdge,
  { nodes, own, known }: Nodes & { readonly own: ReadonlySet<string> },
  path: Path,
  setting: Setting,
): RouteEdge | null {
  const { file, problems } = setting;
  const from = nodes.get(edge.startNodeId);
  const to = nodes.get(edge.endNodeId);
  const wrong = (key: string, message: string, hint: string) =>
    problems.error('WP4808', { file, path: pathText([...path, key]), message, hint });
  if (!own.has(edge.startNodeId)) {
    wrong(
      'startNodeId',
      `is ${edge.startNodeId}, which this layout does not have`,
      'an edge starts in its own layout',
    );
  } else if (!known.has(edge.endNodeId)) {
    wrong('endNodeId', `is ${edge.endNodeId}, which no layout has`, 'correct it, or add the node');
  } else if (edge.startNodeId === edge.endNodeId) {
    wrong('endNodeId', 'is where the edge starts', 'an edge leads from one node to another');
  }
  if (from === undefined || to === undefined || from === to) return null;
  const types = edge.vehicleTypeEdgeProperties.map(({ vehicleTypeId }) => vehicleTypeId);
  refuseDoubleTypes(types, [...path, 'vehicleTypeEdgeProperties'], setting);
  const ways = edge.vehicleTypeEdgeProperties.map(
    (properties) => [properties.vehicleTypeId, wayOf(properties, from, to)] as const,
  );
  return { id: edge.edgeId, from, to, ways: new Map(ways), path: pathText(path) };
}

/** Without a trajectory the way is straight (LIF 1.0.0, vehicleOrientation). */
function wayOf(properties: VehicleTypeEdgeProperty, from: RouteNode, to: RouteNode): Way {
  const { trajectory } = properties;
  const line = trajectory === undefined ? [from.at, to.at] : curvePoints(trajectory);
  return { line, lengthM: Math.max(lengthOf(line), distance(from.at, to.at)), properties };
}

function stationOf(
  station: LifStation,
  { nodes, known }: Nodes,
  path: Path,
  { file, problems }: Setting,
): Station {
  for (const [index, id] of station.interactionNodeIds.entries()) {
    if (known.has(id)) continue;
    problems.error('WP4808', {
      file,
      path: pathText([...path, 'interactionNodeIds', index]),
      message: `is ${id}, which no layout has`,
      hint: 'correct it, or add the node',
    });
  }
  const { stationId, stationName: name = null, stationPosition: position = null } = station;
  const at = station.interactionNodeIds.map((id) => nodes.get(id)).filter((node) => node !== undefined);
  return { id: stationId, name, nodes: at, position };
}

/** Ids are unique among their kind in the whole file (LIF 1.0.0, clause 8.2). */
function requireOwnIds({ layouts }: Lif, setting: Setting): void {
  refuseDoubles(
    layouts.map(({ layoutId }, l) => [layoutId, ['layouts', l, 'layoutId']]),
    setting,
  );
  const all = <T>(
    pick: (layout: LifLayout) => readonly T[],
    id: (item: T) => string,
    names: readonly [string, string],
  ) =>
    layouts.flatMap((layout, l) =>
      pick(layout).map((item, index): [string, Path] => [
        id(item),
        ['layouts', l, names[0], index, names[1]],
      ]),
    );
  refuseDoubles(
    all(
      ({ nodes }) => nodes,
      ({ nodeId }) => nodeId,
      ['nodes', 'nodeId'],
    ),
    setting,
  );
  refuseDoubles(
    all(
      ({ edges }) => edges,
      ({ edgeId }) => edgeId,
      ['edges', 'edgeId'],
    ),
    setting,
  );
  refuseDoubles(
    all(
      ({ stations }) => stations,
      ({ stationId }) => stationId,
      ['stations', 'stationId'],
    ),
    setting,
  );
}

function refuseDoubles(ids: readonly (readonly [string, Path])[], { file, problems }: Setting): void {
  const first = new Map<string, Path>();
  for (const [id, path] of ids) {
    const before = first.get(id);
    if (before === undefined) first.set(id, path);
    else {
      problems.error('WP4808', {
        file,
        path: pathText(path),
        message: `is ${id}, as ${pathText(before)} is`,
        hint: 'give each its own id',
      });
    }
  }
}

function refuseDoubleTypes(
  types: readonly string[],
  path: Path,
  { file, problems }: Pick<Setting, 'file' | 'problems'>,
) {
  for (const [index, type] of types.entries()) {
    if (types.indexOf(type) === index) continue;
    problems.error('WP4808', {
      file,
      path: pathText([...path, index]),
      message: `describes ${type} a second time`,
      hint: 'a type of vehicle has one entry',
    });
  }
}
