import * as z from 'zod';
import { NAME_PATTERN } from '../names.ts';

/** The id of a floor: LIF's `mapId` of its nodes and the `map` of a robot's pose. */
export const MAP_ID_PATTERN = /^[a-z0-9-]{1,32}$/;
const MapId = z.string().regex(MAP_ID_PATTERN, 'use 1 to 32 of a-z, 0-9 and -');
/** A file beside site-map.yaml: a map is one folder, and moves as one. */
const FileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'name a file in the same folder, without a path');
const SpeedMps = z.number().positive().max(20);

/** `GET maps/graph` and `GET maps/route` are no floors. */
const FloorId = MapId.refine((id) => id !== 'graph' && id !== 'route', 'graph and route are taken');

const Floor = z.strictObject({
  id: FloorId,
  name: z.string().min(1).max(60),
  /** Counted from the ground, which is 0. */
  level: z.int().min(-50).max(200),
  /** The YAML of the floor plan in map_server's format. */
  plan: FileName,
});
export type Floor = z.infer<typeof Floor>;

const Corner = z.tuple([z.number(), z.number()]);

const zoneBase = {
  id: MapId,
  name: z.string().min(1).max(60).optional(),
  /** The floor it is on. */
  map: MapId,
  /** Corners in metres on that floor, in order around it. */
  polygon: z.array(Corner).min(3).max(200),
};

const Words = z.union([
  z.string().min(1).max(500),
  z.strictObject({ text: z.string().min(1).max(500), speech: z.string().min(1).max(1000) }),
]);

const LANGUAGE_TAG = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** What a part of a floor means for a robot. In VDA 5050 3.0.0: BLOCKED, SPEED_LIMIT, -, ACTION. */
export const MapZone = z.discriminatedUnion('kind', [
  z.strictObject({ ...zoneBase, kind: z.literal('no-go') }),
  z.strictObject({ ...zoneBase, kind: z.literal('slow'), maxSpeedMps: SpeedMps }),
  z.strictObject({ ...zoneBase, kind: z.literal('quiet') }),
  z.strictObject({
    ...zoneBase,
    kind: z.literal('speak'),
    /** By language; `speech` where it is not spoken as it is written, as in profiles. */
    say: z
      .record(z.string().regex(LANGUAGE_TAG, 'use a language tag, such as zh-CN'), Words)
      .refine((words) => Object.keys(words).length > 0, 'say it in at least one language'),
  }),
]);
export type MapZone = z.infer<typeof MapZone>;

/** Where something stands that does not move, such as a pillar. */
const FixedDevice = z.strictObject({
  device: z.string().regex(NAME_PATTERN, 'use the id of a device'),
  map: MapId,
  x: z.number(),
  y: z.number(),
  /** Where a robot stops that comes to it; the nearest node where it is not said. */
  node: z.string().min(1).max(200).optional(),
});
export type FixedDevice = z.infer<typeof FixedDevice>;

/** `site-map.yaml`: which files belong together, and the zones. */
export const SiteMapFile = z.strictObject({
  mapVersion: z.literal(1),
  name: z.string().min(1).max(60),
  floors: z.array(Floor).min(1).max(50),
  /** The LIF file. */
  graph: FileName,
  /** How fast a robot goes where nothing else is said. */
  speedMps: SpeedMps.default(1),
  /** How fast it turns on the spot, radians a second. */
  turnRadps: z.number().positive().max(20).default(1),
  /** Waiting for a lift and riding it: LIF has no field for that. */
  changeFloorS: z.number().min(0).max(3600).default(60),
  zones: z.array(MapZone).max(500).default([]),
  devices: z.array(FixedDevice).max(5000).default([]),
});
export type SiteMapFile = z.infer<typeof SiteMapFile>;
