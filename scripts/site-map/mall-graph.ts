import type { Lif, LifEdge, LifNode } from '#contract/site-map/lif.ts';
import { MALL_FLOORS, MALL_LIFT, type MallFloor, type Waypoint } from './mall.ts';

/** The type of the robots of the mall, as LIF suggests it: manufacturer and series. */
export const MALL_VEHICLE = 'watchpost.mall-patrol';
const CRUISE_MPS = 1.2;

/** The graph of the example mall in LIF 1.0.0; the same at every call. */
export function mallGraph(): Lif {
  return {
    metaInformation: {
      projectIdentification: 'Central Mall (example)',
      creator: 'Watchpost',
      exportTimestamp: '2026-11-01T00:00:00.00Z',
      lifVersion: '1.0.0',
    },
    layouts: MALL_FLOORS.map((floor) => ({
      layoutId: `${floor.id}-routes`,
      layoutName: floor.name,
      layoutVersion: '1',
      layoutLevelId: String(floor.level),
      nodes: floor.waypoints.map((waypoint) => nodeOf(waypoint, floor)),
      edges: [...floor.ways.flatMap(([from, to, as]) => edgesOf(from, to, as)), ...liftFrom(floor)],
      stations: floor.waypoints.filter(({ action }) => action !== undefined).map(stationOf),
    })),
  };
}

const nodeOf = ({ id, name, at: [x, y], action }: Waypoint, floor: MallFloor): LifNode => ({
  nodeId: id,
  nodeName: name,
  mapId: floor.id,
  nodePosition: { x, y },
  vehicleTypeNodeProperties: [
    {
      vehicleTypeId: MALL_VEHICLE,
      ...(action === undefined
        ? {}
        : { actions: [{ actionType: action, requirementType: 'OPTIONAL', blockingType: 'HARD' }] }),
    },
  ],
});

const stationOf = ({ id, name, at: [x, y] }: Waypoint) => ({
  stationId: `at-${id}`,
  interactionNodeIds: [id],
  stationName: name,
  stationPosition: { x, y },
});

function edgesOf(from: string, to: string, as: 'two-way' | 'one-way' = 'two-way'): LifEdge[] {
  const there = edgeOf(from, to, CRUISE_MPS);
  return as === 'one-way' ? [there] : [there, edgeOf(to, from, CRUISE_MPS)];
}

const LIFT_MPS = 0.3;

/** An edge stands in the layout that it starts in. */
function liftFrom({ waypoints }: MallFloor): LifEdge[] {
  const [below, above] = MALL_LIFT;
  const has = (id: string) => waypoints.some((waypoint) => waypoint.id === id);
  return [
    ...(has(below) ? [edgeOf(below, above, LIFT_MPS)] : []),
    ...(has(above) ? [edgeOf(above, below, LIFT_MPS)] : []),
  ];
}

const edgeOf = (from: string, to: string, maxSpeed: number): LifEdge => ({
  edgeId: `${from}--${to}`,
  startNodeId: from,
  endNodeId: to,
  vehicleTypeEdgeProperties: [{ vehicleTypeId: MALL_VEHICLE, rotationAllowed: true, maxSpeed }],
});
