import { API_ROOT } from '#contract/http.ts';
import type { FloorDetail, MapList, ZoneItem } from '#contract/site-map/http.ts';
import { changesFloor, type MapFloor, type SiteMap, vehicleTypesOf } from '#contract/site-map/site-map.ts';
import type { MapZone } from '#contract/site-map/site-map-file.ts';
import type { MapKeeper } from './map-keeper.ts';

/** What `GET maps` answers. */
export function mapList({ map, digest, trouble }: Pick<MapKeeper, 'map' | 'digest' | 'trouble'>): MapList {
  const floors = [...(map?.floors.values() ?? [])].sort((a, b) => a.level - b.level);
  return {
    items: floors.map(({ id, name, level }) => ({ id, name, level })),
    next: null,
    name: map?.name ?? null,
    digest,
    vehicleTypes: map === null ? [] : vehicleTypesOf(map),
    problem:
      trouble === null
        ? null
        : { code: trouble.code, detail: trouble.detail, at: new Date(trouble.atMs).toISOString() },
  };
}

/** What `GET maps/{id}` answers. */
export function floorDetail(map: SiteMap, floor: MapFloor, digest: string): FloorDetail {
  const { id, name, level } = floor;
  return {
    ...{ id, name, level, digest },
    plan: planOf(floor, digest),
    nodes: nodesOf(map, id),
    edges: edgesOf(map, id),
    zones: map.zones.filter((zone) => zone.map === id).map(zoneItem),
    devices: [...map.devices.values()]
      .filter((device) => device.map === id)
      .map(({ device, x, y }) => ({ device, at: [x, y] })),
  };
}

function planOf({ id, floorPlan }: MapFloor, digest: string): FloorDetail['plan'] {
  const { width, height, resolutionM, origin, bounds } = floorPlan;
  const [minX, minY] = bounds.min;
  const [maxX, maxY] = bounds.max;
  return {
    // The digest makes it another address for another map: what a page has kept is never an old plan.
    url: `${API_ROOT}/maps/${id}/plan.png?digest=${digest.slice(0, 16)}`,
    widthM: width * resolutionM,
    heightM: height * resolutionM,
    origin: [...origin],
    min: [minX, minY],
    max: [maxX, maxY],
  };
}

function nodesOf({ nodes, stations }: SiteMap, floor: string): FloorDetail['nodes'] {
  const stationAt = new Map(
    [...stations.values()].flatMap(({ id, nodes: at }) => at.map((node) => [node.id, id] as const)),
  );
  return [...nodes.values()]
    .filter(({ map }) => map === floor)
    .map(({ id, name, at: [x, y] }) => ({ id, name, at: [x, y], station: stationAt.get(id) ?? null }));
}

function edgesOf({ edges }: SiteMap, floor: string): FloorDetail['edges'] {
  return [...edges.values()]
    .filter(({ from }) => from.map === floor)
    .map((edge) => {
      const [way] = edge.ways.values();
      const line = (way?.line ?? []).map(([x, y]): [number, number] => [x, y]);
      return {
        id: edge.id,
        from: edge.from.id,
        to: edge.to.id,
        line,
        toMap: changesFloor(edge) ? edge.to.map : null,
      };
    });
}

function zoneItem(zone: MapZone): ZoneItem {
  const common = { id: zone.id, name: zone.name ?? null, polygon: zone.polygon };
  switch (zone.kind) {
    case 'slow':
      return { ...common, kind: zone.kind, maxSpeedMps: zone.maxSpeedMps };
    case 'speak':
      return { ...common, kind: zone.kind, say: Object.fromEntries(Object.entries(zone.say).map(written)) };
    case 'no-go':
    case 'quiet':
      return { ...common, kind: zone.kind };
  }
}

const written = ([language, words]: [string, string | { readonly text: string }]): [string, string] => [
  language,
  typeof words === 'string' ? words : words.text,
];
