import type { FloorPlan } from './floor-plan.ts';
import type { MapPoint } from './geometry.ts';
import type { LifStation, VehicleTypeEdgeProperty } from './lif.ts';
import type { FixedDevice, Floor, MapZone, SiteMapFile } from './site-map-file.ts';

/** A site map whose parts fit together. */
export interface SiteMap {
  readonly name: string;
  readonly settings: Pick<SiteMapFile, 'speedMps' | 'turnRadps' | 'changeFloorS'>;
  readonly floors: ReadonlyMap<string, MapFloor>;
  readonly zones: readonly MapZone[];
  /** What does not move, by id. */
  readonly devices: ReadonlyMap<string, FixedDevice>;
  readonly nodes: ReadonlyMap<string, RouteNode>;
  readonly edges: ReadonlyMap<string, RouteEdge>;
  readonly stations: ReadonlyMap<string, Station>;
}

export interface MapFloor extends Floor {
  readonly floorPlan: FloorPlan;
}

export interface RouteNode {
  readonly id: string;
  readonly name: string | null;
  /** The floor it is on. */
  readonly map: string;
  readonly at: MapPoint;
  /** Types of vehicle that may be there. */
  readonly vehicleTypes: readonly string[];
  /** Where in the LIF it stands. */
  readonly path: string;
}

/** One direction of a way. */
export interface RouteEdge {
  readonly id: string;
  readonly from: RouteNode;
  readonly to: RouteNode;
  /** By type of vehicle, in the order of the LIF. */
  readonly ways: ReadonlyMap<string, Way>;
  readonly path: string;
}

/** What an edge is for one type of vehicle. */
export interface Way {
  /** From the start node to the end node. */
  readonly line: readonly MapPoint[];
  readonly lengthM: number;
  readonly properties: VehicleTypeEdgeProperty;
}

export interface Station {
  readonly id: string;
  readonly name: string | null;
  readonly nodes: readonly RouteNode[];
  readonly position: LifStation['stationPosition'] | null;
}

export const changesFloor = ({ from, to }: Pick<RouteEdge, 'from' | 'to'>): boolean => from.map !== to.map;

/** Types of vehicle that the graph knows, in alphabetical order. */
export const vehicleTypesOf = ({ edges }: Pick<SiteMap, 'edges'>): string[] =>
  [...new Set([...edges.values()].flatMap(({ ways }) => [...ways.keys()]))].sort();
