import * as z from 'zod';

/** Shapes of `GET maps…` (docs/site-map.md). Points are metres on the floor; they grow only by addition. */
const Point = z.tuple([z.number(), z.number()]);

export const FloorItem = z.looseObject({
  id: z.string(),
  name: z.string(),
  level: z.int(),
});
export type FloorItem = z.infer<typeof FloorItem>;

/** `GET maps`: the floors from the lowest up; none where the site has no map. */
export const MapList = z.looseObject({
  items: z.array(FloorItem),
  next: z.null(),
  /** Null where there is no map. */
  name: z.string().nullable(),
  /** SHA-256 over its files; changes with the map. */
  digest: z.string().nullable(),
  vehicleTypes: z.array(z.string()),
  /** What is wrong with the newest files; the map above is then the one before them, or there is none. */
  problem: z.looseObject({ code: z.string(), detail: z.string(), at: z.string() }).nullable(),
});
export type MapList = z.infer<typeof MapList>;

const zone = { id: z.string(), name: z.string().nullable(), polygon: z.array(Point) };

export const ZoneItem = z.discriminatedUnion('kind', [
  z.looseObject({ ...zone, kind: z.literal('no-go') }),
  z.looseObject({ ...zone, kind: z.literal('slow'), maxSpeedMps: z.number() }),
  z.looseObject({ ...zone, kind: z.literal('quiet') }),
  /** By language, as it is written. */
  z.looseObject({ ...zone, kind: z.literal('speak'), say: z.record(z.string(), z.string()) }),
]);
export type ZoneItem = z.infer<typeof ZoneItem>;

/** `GET maps/{id}`: one floor, as a page draws it. */
export const FloorDetail = FloorItem.extend({
  digest: z.string(),
  plan: z.looseObject({
    /** A PNG: walls opaque, unknown half, free transparent. */
    url: z.string(),
    widthM: z.number(),
    heightM: z.number(),
    /** Pose of its lower left corner: x, y, yaw in radians. */
    origin: z.tuple([z.number(), z.number(), z.number()]),
    /** What it covers, whatever its yaw. */
    min: Point,
    max: Point,
  }),
  nodes: z.array(
    z.looseObject({ id: z.string(), name: z.string().nullable(), at: Point, station: z.string().nullable() }),
  ),
  edges: z.array(
    z.looseObject({
      id: z.string(),
      from: z.string(),
      to: z.string(),
      line: z.array(Point),
      /** The floor that it leads to where that is another. */
      toMap: z.string().nullable(),
    }),
  ),
  zones: z.array(ZoneItem),
  /** What does not move. */
  devices: z.array(z.looseObject({ device: z.string(), at: Point })),
});
export type FloorDetail = z.infer<typeof FloorDetail>;

/** `GET maps/route?from=&to=` */
export const RouteItem = z.looseObject({
  nodes: z.array(z.string()),
  edges: z.array(z.string()),
  metres: z.number(),
  seconds: z.number(),
  turningS: z.number(),
});
export type RouteItem = z.infer<typeof RouteItem>;
