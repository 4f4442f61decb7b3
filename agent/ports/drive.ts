import * as z from 'zod';
import { DEAD_MAN_MS } from './base.ts';

const Corner = z.tuple([z.number(), z.number()]);
const Polygon = z.array(Corner).min(3).max(200);

/** Where on a map a robot may be: corners in metres, in order around the area. */
export const DriveArea = z.strictObject({
  map: z.string().min(1).max(64),
  bounds: Polygon,
  noGo: z.array(Polygon).max(100).default([]),
  slow: z
    .array(z.strictObject({ polygon: Polygon, maxMps: z.number().positive().max(5) }))
    .max(100)
    .default([]),
});
export type DriveArea = z.infer<typeof DriveArea>;

/** How a robot may be moved (docs/robot-safety.md says why each default is what it is). */
export const DriveSettings = z.strictObject({
  maxMps: z.number().positive().max(5).default(1),
  /** Near people, in slow zones without a speed of their own, and on the way home with a low battery. */
  slowMps: z.number().positive().max(5).default(0.3),
  /** What its brakes are sure to reach on the floor of the site. */
  brakeMps2: z.number().positive().max(10).default(0.5),
  /** Never nearer than this to what is in its way. */
  clearanceM: z.number().min(0.05).max(2).default(0.2),
  /** Standing before something this long, the drive is given up. */
  blockedAfterS: z.number().min(1).max(300).default(10),
  /** A wheel that is told to turn and does not. */
  stuckAfterS: z.number().min(0.5).max(30).default(2),
  tiltDeg: z.number().min(1).max(45).default(10),
  /** Standard deviation of its place on the map. */
  placeErrorM: z.number().min(0.05).max(10).default(0.5),
  /** From 0 to 1. Below it the robot goes to its dock, below the second it stands. */
  lowBattery: z.number().min(0).max(1).default(0.25),
  criticalBattery: z.number().min(0).max(1).default(0.1),
  /** Charged this far it may leave the dock again. */
  chargedBattery: z.number().min(0).max(1).default(0.5),
  linkLost: z.enum(['finish-round', 'park', 'dock']).default('finish-round'),
  linkLostAfterS: z.number().min(5).max(3600).default(60),
  /** Where there is a map of the site on the robot, that is used instead. None: no limits are known. */
  areas: z.array(DriveArea).max(50).default([]),
});
export type DriveSettings = z.infer<typeof DriveSettings>;

/** How often readings are judged and the drive is refreshed. */
export const TICK_MS = 50;

/**
 * From something that happens to brakes that hold, at worst: whoever commands freezes in that moment, and the base
 * stops by itself.
 */
export const REACTION_S = DEAD_MAN_MS / 1000;
