import type { Kernel } from '../background/kernel/kernel.ts';
import { GAIN_ONE, LEVEL } from '../background/kernel/steps.ts';
import { EdgePoints } from './edge-points.ts';
import { assess, distanceOff, type Estimate, refine } from './least-squares.ts';
import { PhaseCorrelation } from './phase-correlation.ts';
import { lengthOf, NO_SHIFT, type Shift } from './shift.ts';

/** Below this, moving the picture would blur more than it mends (pixels). */
const NEGLIGIBLE_PX = 0.2;
/** A shift must explain away at least this share of the difference to be believed. */
const MIN_GAIN = 0.05;
/** A shift must fit at this share of the points; of two unrelated pictures fewer than a third do. */
const MIN_AGREEING = 0.5;
/** Where this share fits already, no better shift is looked for afar. */
const AGREEING_ENOUGH = 0.7;
/** Where this share fits without any shift, one step of least squares tells whether there is one. */
const STILL_SHARE = 0.9;
/** With fewer points than this nobody can tell a shift from somebody who walks. */
const MIN_POINTS = 24;
/** When a search afar has found nothing, so many measurements pass before the next. */
const FAR_PAUSE = 4;
/** With fewer usable points than this share the others are asked, too: shake itself may have marked them. */
const MIN_USABLE = 0.3;
/** Least squares find no more than this by themselves (pixels). */
const NEAR_PX = 6;
const PROBES = 128;
/** Probes that differ by this factor and this many grey levels more than they used to: look closer. */
const PROBE_FACTOR = 1.3;
const PROBE_LEVELS = 0.8;
/** Share by which the usual difference of the probes follows. */
const PROBE_FOLLOW = 0.1;

/**
 * Finds how a camera has moved: sub-pixel, against the long background, leaving out foreground. Shake of one pixel
 * would otherwise hide every small thing behind false edges. Phase correlation finds the way when it is far, least
 * squares on the edges make it exact to a tenth of a pixel; a few probes tell whether there is anything to find.
 */
export class Registration {
  readonly #kernel: Kernel;
  readonly #coarse: EdgePoints;
  readonly #fine: EdgePoints;
  readonly #afar = new PhaseCorrelation();
  readonly #useCoarse: Uint8Array;
  readonly #useFine: Uint8Array;
  readonly #still: Estimate = { dx: 0, dy: 0, difference: 0, agreeing: 0 };
  readonly #near: Estimate = { dx: 0, dy: 0, difference: 0, agreeing: 0 };
  readonly #far: Estimate = { dx: 0, dy: 0, difference: 0, agreeing: 0 };
  readonly #probeAt = new Int32Array(PROBES);
  readonly #probeLevel = new Float32Array(PROBES);
  #probes = 0;
  #farPause = 0;
  #last = NO_SHIFT;
  #usualDifference = Number.POSITIVE_INFINITY;

  constructor(kernel: Kernel) {
    const { width, height } = kernel.planes;
    this.#kernel = kernel;
    this.#fine = new EdgePoints(width >> 1, height >> 1);
    this.#coarse = new EdgePoints(width >> 2, height >> 2);
    this.#useFine = new Uint8Array(this.#fine.x.length);
    this.#useCoarse = new Uint8Array(this.#coarse.x.length);
  }

  get bytes(): number {
    const points = this.#coarse.bytes + this.#fine.bytes;
    const probes = this.#probeAt.byteLength + this.#probeLevel.byteLength;
    return points + probes + this.#afar.bytes + this.#useFine.length + this.#useCoarse.length;
  }

  /** Takes the long background as it is now, or the picture, for the comparisons to come. */
  setReference(from: 'long' | 'frame'): void {
    this.#kernel.shrink(from);
    const { half, quarter, width, height } = this.#kernel.planes;
    this.#fine.pick(half);
    this.#coarse.pick(quarter);
    this.#afar.setReference(quarter, width >> 2, height >> 2);
    this.#takeProbes(from);
  }

  /** Forgets what was measured: another reference comes. */
  reset(): void {
    this.#last = NO_SHIFT;
    this.#farPause = 0;
    this.#usualDifference = Number.POSITIVE_INFINITY;
  }

  /** Whether the picture in `frame` differs more from the reference at its edges than is usual. Costs little. */
  seemsMoved(foreground: Uint8Array): boolean {
    const difference = this.#probe(foreground);
    const usual = this.#usualDifference;
    if (difference > PROBE_FACTOR * usual + PROBE_LEVELS) return true;
    this.#usualDifference =
      usual === Number.POSITIVE_INFINITY ? difference : usual + PROBE_FOLLOW * (difference - usual);
    return false;
  }

  /** The shift of the picture in `frame`, lit by `gains`; none where none can be told. */
  measure(foreground: Uint8Array): Shift {
    const { half, quarter } = this.#kernel.planes;
    this.#kernel.shrink('frame');
    if (this.#selectPoints(foreground) < MIN_POINTS) return NO_SHIFT;
    const still = begin(this.#still, 0, 0);
    assess(this.#fine, half, this.#useFine, still);
    if (this.#isStill(still, half)) {
      this.#last = NO_SHIFT;
      return NO_SHIFT;
    }
    const near = begin(this.#near, this.#last.dx, this.#last.dy);
    this.#follow(near, half, quarter);
    let found = near;
    if (near.agreeing < AGREEING_ENOUGH || lengthOf(near) > NEAR_PX) {
      const far = this.#searchAfar(half, quarter);
      if (far !== null && far.difference < found.difference) found = far;
    }
    const fits = found.agreeing >= Math.max(MIN_AGREEING, still.agreeing);
    const isReal =
      fits && found.difference <= (1 - MIN_GAIN) * still.difference && lengthOf(found) >= NEGLIGIBLE_PX;
    this.#last = isReal ? { dx: found.dx, dy: found.dy } : NO_SHIFT;
    return this.#last;
  }

  /** Whether nearly all edges fit where they are, and least squares see no way that would be worth going. */
  #isStill(still: Estimate, half: Int16Array): boolean {
    if (still.agreeing < STILL_SHARE) return false;
    return distanceOff(this.#fine, half, this.#useFine, still) * 2 < NEGLIGIBLE_PX;
  }

  /** Refines `estimate`, in pixels of the full picture, from coarse to fine. */
  #follow(estimate: Estimate, half: Int16Array, quarter: Int16Array): void {
    scale(estimate, 1 / 4);
    refine(this.#coarse, quarter, this.#useCoarse, estimate);
    scale(estimate, 2);
    refine(this.#fine, half, this.#useFine, estimate);
    assess(this.#fine, half, this.#useFine, estimate);
    scale(estimate, 2);
  }

  #searchAfar(half: Int16Array, quarter: Int16Array): Estimate | null {
    const { width, height } = this.#kernel.planes;
    if (this.#farPause > 0) {
      this.#farPause--;
      return null;
    }
    this.#farPause = FAR_PAUSE;
    const start = this.#afar.measure(quarter, width >> 2, height >> 2);
    if (start === null) return null;
    const far = begin(this.#far, start.dx * 4, start.dy * 4);
    this.#follow(far, half, quarter);
    if (far.agreeing < MIN_AGREEING) return null;
    this.#farPause = 0;
    return far;
  }

  /** Leaves out the points that are foreground, unless that leaves too few; answers how many are left. */
  #selectPoints(foreground: Uint8Array): number {
    const { width } = this.#kernel.planes;
    select(this.#coarse, foreground, width, 4, this.#useCoarse);
    return select(this.#fine, foreground, width, 2, this.#useFine);
  }

  /** Keeps what is to be seen at some of the edges now. */
  #takeProbes(from: 'long' | 'frame'): void {
    const { width, height, frame, long } = this.#kernel.planes;
    const { count, x, y } = this.#fine;
    const stride = Math.max(1, Math.ceil(count / PROBES));
    this.#probes = 0;
    for (let at = 0; at < count; at += stride) {
      const i = (y[at] ?? 0) * 2 * width + (x[at] ?? 0) * 2;
      if (i + 2 * width + 2 >= width * height) continue;
      const sum = from === 'long' ? blockSum(long, width, i) / LEVEL : blockSum(frame, width, i);
      this.#probeAt[this.#probes] = i;
      this.#probeLevel[this.#probes++] = sum / BLOCK_PIXELS;
    }
  }

  /** Mean difference of the picture at the probes (grey levels). */
  #probe(foreground: Uint8Array): number {
    const { width, frame, gains, rows } = this.#kernel.planes;
    let sum = 0;
    let used = 0;
    for (let probe = 0; probe < this.#probes; probe++) {
      const i = this.#probeAt[probe] ?? 0;
      if (foreground[i] === 1) continue;
      const column = i % width;
      const above = (rows[((i - column) / width) * 2] ?? 0) * width;
      const gain = (gains[above + column] ?? GAIN_ONE) / GAIN_ONE / BLOCK_PIXELS;
      sum += Math.abs(blockSum(frame, width, i) * gain - (this.#probeLevel[probe] ?? 0));
      used++;
    }
    return used === 0 ? 0 : sum / used;
  }
}

const BLOCK_PIXELS = 16;

/** Sum of the 4×4 pixels around `i`. */
function blockSum(plane: Uint8Array | Int16Array, width: number, i: number): number {
  let sum = 0;
  for (let row = i - width; row <= i + 2 * width; row += width) {
    sum += (plane[row - 1] ?? 0) + (plane[row] ?? 0) + (plane[row + 1] ?? 0) + (plane[row + 2] ?? 0);
  }
  return sum;
}

function begin(estimate: Estimate, dx: number, dy: number): Estimate {
  estimate.dx = dx;
  estimate.dy = dy;
  return estimate;
}

function scale(estimate: Estimate, by: number): void {
  estimate.dx *= by;
  estimate.dy *= by;
}

/** Smoothing and interpolation reach this far (pixels of the small picture). */
const REACH = 3;

/** `use` gets 1 for each point (`by` times its place in the full picture) that is background, with its surroundings; answers how many. */
function select(
  { count, x, y }: EdgePoints,
  foreground: Uint8Array,
  width: number,
  by: number,
  use: Uint8Array,
): number {
  let usable = 0;
  for (let at = 0; at < count; at++) {
    const i = (y[at] ?? 0) * by * width + (x[at] ?? 0) * by;
    const across = REACH * by;
    const down = across * width;
    const covered =
      (foreground[i] ?? 0) |
      (foreground[i - across] ?? 0) |
      (foreground[i + across] ?? 0) |
      (foreground[i - down] ?? 0) |
      (foreground[i + down] ?? 0);
    use[at] = covered ^ 1;
    usable += use[at] ?? 0;
  }
  if (usable >= MIN_USABLE * count) return usable;
  use.fill(1, 0, count);
  return count;
}
