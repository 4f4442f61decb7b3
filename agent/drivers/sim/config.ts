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

/** A base that stands still, on the site map: metres and radians. */
export const SimBaseConfig = z.strictObject({
  driver,
  map: z.string().min(1).max(64).default('ground'),
  x: z.number().default(0),
  y: z.number().default(0),
  theta: z.number().default(0),
});
export type SimBaseConfig = z.infer<typeof SimBaseConfig>;
