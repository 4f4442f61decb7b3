import { aStar } from 'ngraph.path';
import { assemble } from '#contract/site-map/assemble.ts';
import { FloorPlan } from '#contract/site-map/floor-plan.ts';
import type { Lif, LifEdge } from '#contract/site-map/lif.ts';
import { ProblemList } from '#contract/site-map/problem.ts';
import { graphFor, RoutePlanner } from '#contract/site-map/route-planner.ts';
import type { SiteMap } from '#contract/site-map/site-map.ts';
import { median, rounded, type Spread, spread } from './figures.ts';

export interface PlanBench {
  readonly nodes: number;
  readonly edges: number;
  readonly routes: number;
  /** Milliseconds to make a planner: once for a map and a type of vehicle. */
  readonly makeMs: number;
  readonly planMs: Spread;
  /** The same search without an estimate of what is left (Dijkstra's), in turns. */
  readonly withoutEstimateMs: Spread;
  /** Planning over that, at the median of the pairs. */
  readonly ratio: number;
  readonly targetMs: number;
}

export const PLAN_TARGET_MS = 5;
const COLUMNS = 50;
const SPACING_M = 3;
const FLOOR = 'hall';
const WARM_UP = 100;

/**
 * Routes between nodes of a hall of crossing ways, every tenth of them one-way, at speeds from 0.4 to 1.2 m/s: worse than
 * a mall, whose nodes mostly stand in a row.
 */
export function benchPlan({ nodes: count, routes }: { nodes: number; routes: number }): PlanBench {
  const random = seeded(7);
  const map = hall(count, random);
  const beforeMs = performance.now();
  const planner = new RoutePlanner(map);
  const makeMs = performance.now() - beforeMs;
  const plain = aStar(graphFor(map, { speedMps: map.settings.speedMps }), {
    oriented: true,
    distance: (_to, _from, { data }) => data.seconds,
  });
  const ids = [...map.nodes.keys()];
  const pick = () => ids[Math.floor(random() * ids.length)] ?? '';
  const pairs: { planned: number; plain: number }[] = [];
  for (let route = -WARM_UP; route < routes; route++) {
    const [from, to] = [pick(), pick()];
    const pair = {
      planned: timed(() => planner.plan({ from, to })),
      plain: timed(() => plain.find(from, to)),
    };
    if (route >= 0) pairs.push(pair);
  }
  return {
    ...{ nodes: map.nodes.size, edges: map.edges.size, routes, makeMs: rounded(makeMs) },
    planMs: spread(pairs.map(({ planned }) => planned)),
    withoutEstimateMs: spread(pairs.map((pair) => pair.plain)),
    ratio: rounded(median(pairs.map((pair) => pair.planned / pair.plain))),
    targetMs: PLAN_TARGET_MS,
  };
}

function timed(run: () => unknown): number {
  const beforeMs = performance.now();
  run();
  return performance.now() - beforeMs;
}

/** A hall of crossing ways, the same for the same seed. */
export function hall(count: number, random: () => number): SiteMap {
  const floorPlan = new FloorPlan({
    ...{ width: 1, height: 1, resolutionM: SPACING_M, origin: [0, 0, 0], codes: Uint8Array.of(0) },
  });
  const floor = { id: FLOOR, name: 'Hall', level: 0, plan: 'hall.yaml', floorPlan };
  const floors = new Map([[FLOOR, floor]]);
  const lif = hallGraph(count, random);
  const graph = assemble(lif, { file: 'hall', floors, problems: new ProblemList() });
  const settings = { speedMps: 1.2, turnRadps: 1, changeFloorS: 60 };
  return { name: 'Hall', settings, floors, zones: [], devices: new Map(), ...graph };
}

function hallGraph(count: number, random: () => number): Lif {
  const nodes = Array.from({ length: count }, (_, index) => ({
    nodeId: `n${index}`,
    mapId: FLOOR,
    nodePosition: {
      x: (index % COLUMNS) * SPACING_M + random(),
      y: Math.floor(index / COLUMNS) * SPACING_M + random(),
    },
    vehicleTypeNodeProperties: [{ vehicleTypeId: 'any' }],
  }));
  const edges = nodes.flatMap((_, index) => {
    const right = index % COLUMNS === COLUMNS - 1 ? [] : waysOf(index, index + 1, random);
    return index + COLUMNS < count ? [...right, ...waysOf(index, index + COLUMNS, random)] : right;
  });
  const metaInformation = {
    projectIdentification: 'bench',
    creator: 'bench',
    exportTimestamp: '2026-01-01T00:00:00Z',
    lifVersion: '1.0.0',
  };
  return { metaInformation, layouts: [{ layoutId: 'hall', layoutVersion: '1', nodes, edges, stations: [] }] };
}

function waysOf(a: number, b: number, random: () => number): LifEdge[] {
  const there = wayOf(a, b, random);
  // The rim stays two-way, so that every node can be reached.
  const isInner = a % COLUMNS !== 0 && a >= COLUMNS;
  return isInner && random() < 0.1 ? [there] : [there, wayOf(b, a, random)];
}

const wayOf = (from: number, to: number, random: () => number): LifEdge => ({
  edgeId: `e${from}-${to}`,
  startNodeId: `n${from}`,
  endNodeId: `n${to}`,
  vehicleTypeEdgeProperties: [
    { vehicleTypeId: 'any', rotationAllowed: true, maxSpeed: 0.4 + 0.8 * random() },
  ],
});

/** Numerical Recipes' quick generator, from 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
