import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Lif, LifEdge, LifNode } from '#contract/site-map/lif.ts';

/** A room of 10 m by 6 m at 0.5 m a cell, with walls round it and one across from below, at x = 5 to 5.5, y < 3. */
export function roomPgm(): string {
  const rows = Array.from({ length: 12 }, (_, row) => {
    const y = 11 - row;
    return Array.from({ length: 20 }, (_, column) => {
      const rim = y === 0 || y === 11 || column === 0 || column === 19;
      return rim || (column === 10 && y < 6) ? 0 : 254;
    }).join(' ');
  });
  return `P2\n# a room\n20 12\n254\n${rows.join('\n')}\n`;
}

export const ROOM_YAML = `image: room.pgm
resolution: 0.5
origin: [0, 0, 0]
negate: 0
occupied_thresh: 0.65
free_thresh: 0.196
`;

export const SITE_YAML = `mapVersion: 1
name: Test house
floors:
  - { id: room, name: Room, level: 0, plan: room.yaml }
graph: routes.lif.json
speedMps: 1
turnRadps: 1
changeFloorS: 30
zones: []
`;

export const node = (nodeId: string, x: number, y: number, more: Partial<LifNode> = {}): LifNode => ({
  nodeId,
  mapId: 'room',
  nodePosition: { x, y },
  vehicleTypeNodeProperties: [{ vehicleTypeId: 'any' }],
  ...more,
});

type Properties = LifEdge['vehicleTypeEdgeProperties'][number];

export const edge = (
  from: string,
  to: string,
  more: Partial<Properties> = {},
  id = `${from}-${to}`,
): LifEdge => ({
  edgeId: id,
  startNodeId: from,
  endNodeId: to,
  vehicleTypeEdgeProperties: [{ vehicleTypeId: 'any', rotationAllowed: true, ...more }],
});

/** Both ways between each and the next. */
export const bothWays = (...ids: readonly string[]): LifEdge[] =>
  ids.slice(1).flatMap((id, index) => [edge(ids[index] ?? id, id), edge(id, ids[index] ?? id)]);

/** Round the wall: west, over, east. */
export function roomGraph(more: Partial<Lif['layouts'][number]> = {}): Lif {
  return {
    metaInformation: {
      projectIdentification: 'test',
      creator: 'test',
      exportTimestamp: '2026-11-01T10:00:00.00Z',
      lifVersion: '1.0.0',
    },
    layouts: [
      {
        layoutId: 'all',
        layoutVersion: '1',
        nodes: [node('west', 2, 2), node('over', 5, 4.5), node('east', 8, 2)],
        edges: bothWays('west', 'over', 'east'),
        stations: [{ stationId: 'desk', interactionNodeIds: ['east'] }],
        ...more,
      },
    ],
  };
}

export type MapFiles = Readonly<Record<string, string | Uint8Array | null>>;

/** A folder with a map that is right, but for the files given; null leaves one out. */
export function mapFolder(t: Pick<Test, 'teardown'>, files: MapFiles = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-map-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const all: MapFiles = {
    'site-map.yaml': SITE_YAML,
    'room.yaml': ROOM_YAML,
    'room.pgm': roomPgm(),
    'routes.lif.json': JSON.stringify(roomGraph()),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    if (content !== null) writeFileSync(join(folder, name), content);
  }
  return folder;
}
