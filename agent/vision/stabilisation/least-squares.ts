import { LEVEL } from '../background/kernel/steps.ts';
import type { EdgePoints } from './edge-points.ts';

const ROUNDS = 12;
/** A step shorter than this (pixels of the small picture) changes nothing. */
const CONVERGED = 0.01;
/** Differences beyond this are things, not shake, and count less (grey levels). */
const THINGS_LEVELS = 6;
/** How exact a direction must be to be followed at all (pixels of the small picture, one standard deviation). */
const MAX_ERROR = 0.1;
/** What of noise and texture differs at a point after smoothing (grey levels, one standard deviation). */
const NOISE_LEVELS = 1.5;
/** The first rounds go by all points, so that they find the way; the last by those alone that fit. */
const WIDE_ROUNDS = 7;

/** Mutable, so that following a shake makes no garbage. */
export interface Estimate {
  dx: number;
  dy: number;
  /** Mean difference at the points (grey levels, each counted to at most four times `THINGS_LEVELS`). */
  difference: number;
  /** Share of the points that fit. */
  agreeing: number;
}

/**
 * Refines `estimate` (in pixels of the small picture) by weighted least squares on the gradients of the background
 * at its edge points (Lucas and Kanade 1981, in the inverse form of Baker and Matthews 2004), leaving out points
 * that `use` does not mark. Along a direction that has too few edges the estimate stays.
 */
export function refine(points: EdgePoints, now: Int16Array, use: Uint8Array, estimate: Estimate): void {
  const sums = SUMS;
  for (let round = 0; round < ROUNDS; round++) {
    gather(points, now, use, estimate, round < WIDE_ROUNDS ? 'wide' : 'narrow', sums);
    const step = solve(sums);
    estimate.dx -= step.dx;
    estimate.dy -= step.dy;
    if (step.dx * step.dx + step.dy * step.dy >= CONVERGED * CONVERGED) continue;
    if (round >= WIDE_ROUNDS) break;
    round = WIDE_ROUNDS - 1;
  }
}

/** One step of the above from where `estimate` is, without taking it: how far off it is, in pixels. */
export function distanceOff(
  points: EdgePoints,
  now: Int16Array,
  use: Uint8Array,
  estimate: Estimate,
): number {
  gather(points, now, use, estimate, 'narrow', SUMS);
  const { dx, dy } = solve(SUMS);
  return Math.hypot(dx, dy);
}

/** Fills in how well `estimate` fits. */
export function assess(points: EdgePoints, now: Int16Array, use: Uint8Array, estimate: Estimate): void {
  let sum = 0;
  let agreeing = 0;
  let count = 0;
  for (let at = 0; at < points.count; at++) {
    if (use[at] !== 1) continue;
    const error = Math.abs(errorAt(points, now, at, estimate));
    sum += Math.min(4 * THINGS_LEVELS, error);
    if (error < THINGS_LEVELS) agreeing++;
    count++;
  }
  estimate.difference = count === 0 ? 0 : sum / count;
  estimate.agreeing = count === 0 ? 0 : agreeing / count;
}

interface Sums {
  xx: number;
  xy: number;
  yy: number;
  xe: number;
  ye: number;
}

const SUMS: Sums = { xx: 0, xy: 0, yy: 0, xe: 0, ye: 0 };
const STEP = { dx: 0, dy: 0 };

function gather(
  points: EdgePoints,
  now: Int16Array,
  use: Uint8Array,
  estimate: Estimate,
  weighing: 'wide' | 'narrow',
  sums: Sums,
): void {
  let xx = 0;
  let xy = 0;
  let yy = 0;
  let xe = 0;
  let ye = 0;
  for (let at = 0; at < points.count; at++) {
    if (use[at] !== 1) continue;
    const error = errorAt(points, now, at, estimate);
    const weight = weighing === 'wide' ? huber(error) : gemanMcClure(error);
    const gx = points.gx[at] ?? 0;
    const gy = points.gy[at] ?? 0;
    xx += weight * gx * gx;
    xy += weight * gx * gy;
    yy += weight * gy * gy;
    xe += weight * gx * error;
    ye += weight * gy * error;
  }
  sums.xx = xx;
  sums.xy = xy;
  sums.yy = yy;
  sums.xe = xe;
  sums.ye = ye;
}

const huber = (error: number): number => Math.min(1, THINGS_LEVELS / (Math.abs(error) + 1e-6));
const gemanMcClure = (error: number): number => (1 + (error / THINGS_LEVELS) ** 2) ** -2;

/** The step of least squares, along those of the two principal directions that the edges fix well enough. */
function solve({ xx, xy, yy, xe, ye }: Sums): { dx: number; dy: number } {
  STEP.dx = 0;
  STEP.dy = 0;
  const least = (NOISE_LEVELS / MAX_ERROR) ** 2;
  const middle = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  for (let k = 0; k < 2; k++) {
    const strength = k === 0 ? middle + spread : middle - spread;
    if (strength < least) continue;
    const x = k === 0 ? Math.cos(angle) : -Math.sin(angle);
    const y = k === 0 ? Math.sin(angle) : Math.cos(angle);
    const along = (x * xe + y * ye) / strength;
    STEP.dx += along * x;
    STEP.dy += along * y;
  }
  return STEP;
}

/** Picture less background at a point, the picture taken `estimate` further. */
function errorAt(
  { x, y, level, width, height }: EdgePoints,
  now: Int16Array,
  at: number,
  { dx, dy }: Estimate,
): number {
  const px = Math.min(width - 2, Math.max(0, (x[at] ?? 0) + dx));
  const py = Math.min(height - 2, Math.max(0, (y[at] ?? 0) + dy));
  const column = Math.floor(px);
  const row = Math.floor(py);
  const i = row * width + column;
  const ax = px - column;
  const ay = py - row;
  const upper = (now[i] ?? 0) * (1 - ax) + (now[i + 1] ?? 0) * ax;
  const lower = (now[i + width] ?? 0) * (1 - ax) + (now[i + width + 1] ?? 0) * ax;
  return (upper * (1 - ay) + lower * ay) / LEVEL - (level[at] ?? 0);
}
