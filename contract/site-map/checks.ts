import { distance, isInside, type MapPoint, shareInside } from './geometry.ts';
import type { VehicleTypeEdgeProperty } from './lif.ts';
import type { ProblemList } from './problem.ts';
import { cutOff } from './reach.ts';
import { changesFloor, type RouteEdge, type RouteNode, type SiteMap } from './site-map.ts';
import { noGoZones } from './zones.ts';

interface Setting {
  /** The LIF. */
  readonly file: string;
  readonly problems: ProblemList;
}

/** What of the graph does not fit the floors that it is on; every node and edge is looked at. */
export function checkGraph(map: SiteMap, setting: Setting): void {
  for (const node of map.nodes.values()) checkNode(node, map, setting);
  for (const edge of map.edges.values()) checkEdge(edge, map, setting);
  checkReach(map, setting);
  checkUnused(map, setting);
}

function checkNode(node: RouteNode, map: SiteMap, { file, problems }: Setting): void {
  const cell = map.floors.get(node.map)?.floorPlan.at(node.at) ?? null;
  const where = { file, path: `${node.path}.nodePosition` };
  const at = `${node.id} at ${pointText(node.at)}`;
  if (cell === null) {
    const hint = `the plan of ${node.map} ${boundsText(node.map, map)}; nodes are in metres from the origin of its YAML`;
    problems.error('WP4809', { ...where, message: `puts ${at} off the plan`, hint });
  } else if (cell === 'occupied') {
    problems.error('WP4809', {
      ...where,
      message: `puts ${at} into a wall`,
      hint: 'move it to where a robot can be',
    });
  } else if (cell === 'unknown') {
    const hint = 'move it, or correct the plan there';
    problems.warning('WP4811', {
      ...where,
      message: `puts ${at} where the plan does not know what is`,
      hint,
    });
  }
  const zone = noGoZones(map, node.map).find(({ polygon }) => isInside(node.at, polygon));
  if (zone === undefined) return;
  const hint = 'no route leads there: move the node or the zone';
  problems.warning('WP4812', { ...where, message: `puts ${at} into the no-go zone ${zone.id}`, hint });
}

/** Lines may end this far from their nodes: the width of a hand, as robots are not placed better. */
const ENDS_WITHIN_M = 0.1;
/** A lift stands at one place on all floors, for all layouts have one origin (LIF 1.0.0, layout). */
const LIFT_WITHIN_M = 5;

function checkEdge(edge: RouteEdge, map: SiteMap, setting: Setting): void {
  const { file, problems } = setting;
  for (const [type, { line }] of edge.ways) {
    const [start = edge.from.at, end = edge.to.at] = [line[0], line.at(-1)];
    if (distance(start, edge.from.at) <= ENDS_WITHIN_M && distance(end, edge.to.at) <= ENDS_WITHIN_M)
      continue;
    const message = `of ${edge.id} for ${type} does not lead from its start node to its end node`;
    const path = `${edge.path}.vehicleTypeEdgeProperties`;
    problems.error('WP4808', { file, path, message, hint: 'let the curve begin and end at the nodes' });
  }
  const unable = [...edge.ways.keys()].filter((type) => !mayUseEnds(edge, type));
  if (unable.length > 0) {
    const message = `allows ${unable.join(', ')} on ${edge.id}, but not at both of its nodes`;
    const hint = 'name the type of vehicle at the nodes as well, or take it off the edge';
    problems.warning('WP4814', { file, path: edge.path, message, hint });
  }
  if (changesFloor(edge)) checkLift(edge, setting);
  else checkWay(edge, map, setting);
}

const mayUseEnds = ({ from, to }: RouteEdge, type: string): boolean =>
  from.vehicleTypes.includes(type) && to.vehicleTypes.includes(type);

function checkLift({ id, from, to, path }: RouteEdge, { file, problems }: Setting): void {
  const apart = distance(from.at, to.at);
  if (apart <= LIFT_WITHIN_M) return;
  const message = `takes ${id} from ${from.map} to ${to.map}, and ${apart.toFixed(1)} m to the side`;
  const hint = 'all layouts of a LIF have one origin: a lift has the same x and y on every floor';
  problems.warning('WP4810', { file, path, message, hint });
}

/** Of the same way for several types of vehicle, one is told. */
function checkWay(edge: RouteEdge, map: SiteMap, { file, problems }: Setting): void {
  const plan = map.floors.get(edge.from.map)?.floorPlan;
  const zones = noGoZones(map, edge.from.map);
  for (const [type, { line }] of edge.ways) {
    const legs = legsOf(line);
    const wall = legs
      .map(([from, to]) => plan?.firstObstacle(from, to) ?? null)
      .find((point) => point !== null);
    const zone = zones.find(({ polygon }) => legs.some(([from, to]) => shareInside(from, to, polygon) > 0));
    if (wall !== undefined) {
      const message = `leads ${edge.id} for ${type} through a wall at ${pointText(wall)}`;
      problems.warning('WP4810', {
        file,
        path: edge.path,
        message,
        hint: 'lead it round, or correct the plan',
      });
    }
    if (zone !== undefined) {
      const message = `leads ${edge.id} through the no-go zone ${zone.id}`;
      const hint = 'it is never planned: lead it round, or move the zone';
      problems.warning('WP4812', { file, path: edge.path, message, hint });
    }
    if (wall !== undefined || zone !== undefined) return;
  }
}

const legsOf = (line: readonly MapPoint[]): [MapPoint, MapPoint][] =>
  line.slice(1).map((to, index) => [line[index] ?? to, to]);

function checkReach(map: SiteMap, { file, problems }: Setting): void {
  const lone = cutOff(map);
  if (lone.length === 0) return;
  const path = map.nodes.get(lone[0] ?? '')?.path ?? '';
  const more = lone.length > MOST_IDS ? ` and ${lone.length - MOST_IDS} more` : '';
  const message = `of ${lone.slice(0, MOST_IDS).join(', ')}${more}: not to be reached from the others and left again`;
  const hint = 'add the edges that lead there and back; each edge leads one way only';
  problems.warning('WP4813', { file, path, message, hint });
}

const MOST_IDS = 8;

/** LIF 1.0.0, clause 8.1: what of a file cannot be processed must be said when it is read. */
function checkUnused(map: SiteMap, { file, problems }: Setting): void {
  const seen = new Map<string, { path: string; count: number }>();
  for (const { ways, path } of map.edges.values()) {
    for (const { properties } of ways.values()) {
      for (const field of UNUSED.filter(({ isUsed }) => isUsed(properties)).map(({ name }) => name)) {
        seen.set(field, { path, count: 1, ...countOf(seen.get(field)) });
      }
    }
  }
  for (const [field, { path, count }] of seen) {
    const message = `${count > 1 ? `and ${count - 1} more edges give` : 'gives'} ${field}, which planning does not weigh`;
    const hint = 'it is kept and served with the graph; do not rely on it here';
    problems.warning('WP4814', { file, path, message, hint });
  }
}

const countOf = (seen: { path: string; count: number } | undefined) =>
  seen === undefined ? {} : { path: seen.path, count: seen.count + 1 };

type Properties = VehicleTypeEdgeProperty;

const UNUSED: readonly { readonly name: string; readonly isUsed: (properties: Properties) => boolean }[] = [
  { name: 'rotationAtStartNodeAllowed', isUsed: (p) => (p.rotationAtStartNodeAllowed ?? 'BOTH') !== 'BOTH' },
  { name: 'rotationAtEndNodeAllowed', isUsed: (p) => (p.rotationAtEndNodeAllowed ?? 'BOTH') !== 'BOTH' },
  { name: 'minHeight', isUsed: (p) => p.minHeight !== undefined },
  { name: 'maxHeight', isUsed: (p) => p.maxHeight !== undefined },
  { name: 'reentryAllowed', isUsed: (p) => p.reentryAllowed === false },
];

const pointText = ([x, y]: MapPoint): string => `${x.toFixed(2)}, ${y.toFixed(2)}`;

function boundsText(id: string, { floors }: SiteMap): string {
  const bounds = floors.get(id)?.floorPlan.bounds;
  return bounds === undefined ? '' : `reaches from ${pointText(bounds.min)} to ${pointText(bounds.max)}`;
}
