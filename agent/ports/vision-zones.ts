import * as z from 'zod';

/** A point as fractions of the picture, origin at the top left. */
export const Point = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]);
export type Point = z.infer<typeof Point>;

/**
 * A part of the picture, as a polygon of fractions; a thing is in it when the middle of its lower edge is.
 * `watch`: with at least one of these, only what is in one is judged. `ignore`: nothing in it is judged, whatever
 * else covers it. `dwell`: like the rest of the picture, with a dwell time of its own.
 */
export const Zone = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,32}$/),
  kind: z.enum(['watch', 'ignore', 'dwell']),
  polygon: z.array(Point).min(3).max(64),
  /** Seconds alone before something in it is reported, instead of the camera's. */
  dwellS: z.number().min(1).max(3600).optional(),
});
export type Zone = z.infer<typeof Zone>;
