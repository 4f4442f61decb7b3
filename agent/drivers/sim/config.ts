import * as z from 'zod';

const driver = z.literal('sim');

/** `with:` of an input. The contact rests open and is moved through the control socket. */
export const SimContactConfig = z.strictObject({ driver });
export const SimLampConfig = z.strictObject({ driver });
export const SimSirenConfig = z.strictObject({ driver });

export const SimSensorConfig = z.strictObject({
  driver,
  /** What it reads until it is told otherwise. */
  value: z.number().default(0),
});
export type SimSensorConfig = z.infer<typeof SimSensorConfig>;

/** An actuator that turns at once. */
export const SimActuatorConfig = z.strictObject({ driver });

/** A camera that sees the clip which the control socket chose. */
export const SimCameraConfig = z.strictObject({ driver });

const Metres = z.number().min(-10_000).max(10_000);
const Corner = z.tuple([Metres, Metres]);
const Line = z.tuple([Corner, Corner]);

/**
 * A base with two driven wheels in a hall, on the site map: metres, radians, seconds. It stands at x, y, theta until it is
 * told to move or put elsewhere.
 */
export const SimBaseConfig = z.strictObject({
  driver,
  map: z.string().min(1).max(64).default('ground'),
  x: z.number().default(0),
  y: z.number().default(0),
  theta: z.number().default(0),
  /** Of all chance in it: the same seed and the same orders at the same times give the same drive. */
  seed: z.int().min(0).max(4_294_967_295).default(1),
  hull: z
    .strictObject({
      radiusM: z.number().min(0.05).max(2).default(0.25),
      /** Between the wheels. */
      trackM: z.number().min(0.05).max(2).default(0.4),
    })
    .prefault({}),
  motors: z
    .strictObject({
      maxMps: z.number().positive().max(5).default(1.5),
      turnRadps: z.number().positive().max(6).default(1.2),
      accelerationMps2: z.number().positive().max(10).default(0.8),
      brakeMps2: z.number().positive().max(10).default(1),
    })
    .prefault({}),
  /** Of the place it believes in (standard deviation, metres), and of its wheels (a share of what they do). */
  noise: z
    .strictObject({
      placeM: z.number().min(0).max(5).default(0),
      slip: z.number().min(0).max(0.5).default(0),
    })
    .prefault({}),
  /** Full for ever when absent. */
  battery: z
    .strictObject({
      charge: z.number().min(0).max(1).default(1),
      drivesForH: z.number().positive().max(1000).default(8),
      standsForH: z.number().positive().max(1000).default(40),
      chargesInH: z.number().positive().max(1000).default(3),
    })
    .optional(),
  /** Where it stands when it charges; it drives in forwards. It cannot dock when absent. */
  dock: z.strictObject({ x: Metres, y: Metres, theta: z.number() }).optional(),
  walls: z.array(Line).max(500).default([]),
  /** A door that has times opens and closes by turns, beginning closed; one without stays closed until it is told. */
  doors: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]{1,32}$/),
        line: Line,
        openS: z.number().positive().max(86_400).optional(),
        closedS: z.number().positive().max(86_400).optional(),
      }),
    )
    .max(50)
    .default([]),
});
export type SimBaseConfig = z.infer<typeof SimBaseConfig>;
