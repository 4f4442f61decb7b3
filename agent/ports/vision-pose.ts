import * as z from 'zod';

/** Where a camera that moves is, as its odometry says. */
export const CameraPose = z.object({
  /** Not moving now. */
  still: z.boolean(),
  /** The place it is parked at, if that has a name; its pictures are compared with earlier visits. */
  waypoint: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/)
    .optional(),
  /** Radians, counter-clockwise from x of the site map. */
  heading: z.number().optional(),
});
export type CameraPose = z.infer<typeof CameraPose>;

/** How a camera is built into a robot. */
export const CameraMount = z.strictObject({
  /** Above the floor, metres. */
  heightM: z.number().min(0.1).max(5),
  /** Below the level, degrees. */
  pitchDeg: z.number().min(-30).max(60),
  /** From the left edge of the picture to the right, degrees. */
  fieldOfViewDeg: z.number().min(20).max(120).default(53),
});
export type CameraMount = z.infer<typeof CameraMount>;

/** A place at which a robot parks, on the site map. */
export const Waypoint = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  /** Metres. */
  x: z.number(),
  y: z.number(),
  /** Parked no farther from it than this, the robot is at it (metres). */
  withinM: z.number().min(0.1).max(5).default(0.5),
});
export type Waypoint = z.infer<typeof Waypoint>;

/** What comparing a visit with earlier ones came to. */
export const VisitReport = z.object({
  kind: z.literal('visit'),
  waypoint: z.string(),
  t: z.number(),
  /** `first`: too few visits to compare with. `displaced`: the view could not be brought into line. */
  outcome: z.enum(['first', 'unchanged', 'changed', 'displaced']),
  /** Pixels of shift found, of a picture 320 wide. */
  shiftPx: z.number(),
  /** How many places differ. */
  candidates: z.int(),
});
export type VisitReport = z.infer<typeof VisitReport>;
