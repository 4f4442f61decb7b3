import * as z from 'zod';

const OUTSIDE =
  'a corner lies in the picture: write fractions from 0 (left, top) to 1 (right, bottom), not pixels';
const Fraction = z.number().min(0, OUTSIDE).max(1, OUTSIDE);

/** A point as fractions of the picture, origin at the top left. */
export const Point = z.tuple([Fraction, Fraction]);
export type Point = z.infer<typeof Point>;

/**
 * A part of the picture, as a polygon of fractions; a thing is in it when the middle of its lower edge is, for that
 * is where it stands on the ground. The outline closes by itself and must not cross itself.
 *
 * - `watch`: with at least one of these, only what is in one is judged.
 * - `ignore`: nothing in it is judged, whatever else covers it.
 * - `dwell`: like the rest of the picture, with a dwell time of its own; it makes nothing watched that is not.
 *
 * Where several with a dwell time overlap, the shortest holds.
 */
export const Zone = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,32}$/, 'use 1 to 32 of a-z, 0-9 and -'),
  kind: z.enum(['watch', 'ignore', 'dwell']),
  polygon: z
    .array(Point)
    .min(3, 'a zone has at least three corners')
    .max(64, 'a zone has at most 64 corners'),
  /**
   * Seconds alone before something in it is reported, instead of the camera's: needed for `dwell`, allowed for
   * `watch`.
   */
  dwellS: z.number().min(1).max(3600).optional(),
});
export type Zone = z.infer<typeof Zone>;
