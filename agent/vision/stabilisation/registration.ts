import { GAIN_ONE, LEVEL, TILE_ROWS } from '../background/kernel/steps.ts';

/** By how many pixels the picture lies right of and below the background. */
export interface Shift {
  readonly dx: number;
  readonly dy: number;
}

export const NO_SHIFT: Shift = { dx: 0, dy: 0 };

/** Below this, moving the picture would blur more than it mends (pixels). */
const NEGLIGIBLE_PX = 0.2;
/** Levels of the pyramid: coarse finds up to six pixels, fine makes it exact to a tenth. */
const COARSE = 4;
const FINE = 2;
const ROUNDS = 12;
/** Differences beyond this are things, not shake, and count less (grey levels). */
const HUBER_LEVELS = 6;
/** Less mean squared gradient than this in some direction: nothing to hold on to there. */
const MIN_GRADIENT = 0.4;
/** Fewer than this share of the pixels differing by more than this (grey levels): nothing to mend. */
const QUIET_SHARE = 0.002;
const QUIET_LEVELS = 6;
/** A shift must explain away at least this share of the difference to be believed. */
const MIN_GAIN = 0.05;

/** A picture made smaller, with what is left out of the comparison. */
interface Level {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Finds how a shaking camera has moved: sub-pixel, by least squares on the gradients of the background
 * (Lucas–Kanade), from coarse to fine, leaving out foreground. Shake of one pixel would otherwise hide every
 * small thing behind false edges.
 */
export class Registration {
  readonly #width: number;
  readonly #height: number;
  readonly #levels: Float32Array;
  #coarse: Level | null = null;
  #fine: Level | null = null;
  #last = NO_SHIFT;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#levels = new Float32Array(width * height);
  }

  /** Takes the background as it is now for the comparisons to come. */
  setReference(background: Int16Array): void {
    for (let i = 0; i < background.length; i++) this.#levels[i] = (background[i] ?? 0) / LEVEL;
    this.#coarse = shrunk(this.#levels, this.#width, this.#height, COARSE);
    this.#fine = shrunk(this.#levels, this.#width, this.#height, FINE);
  }

  /**
   * The shift of `picture`, lit by `gains` (the kernel's); `foreground` is not looked at. Gives no shift where none
   * can be told.
   */
  measure(picture: Uint8Array, gains: Int16Array | null, foreground: Uint8Array): Shift {
    const [coarse, fine] = [this.#coarse, this.#fine];
    if (coarse === null || fine === null) return NO_SHIFT;
    for (let i = 0; i < picture.length; i++) this.#levels[i] = (picture[i] ?? 0) * this.#gainAt(i, gains);
    const now = shrunk(this.#levels, this.#width, this.#height, FINE);
    const use = usable(foreground, this.#width, fine, FINE);
    if (isQuiet(now, fine, use)) {
      this.#last = NO_SHIFT;
      return NO_SHIFT;
    }
    const unmoved = meanDifference(now, fine, use, NO_SHIFT);
    const last = scaled(this.#last, 1 / FINE);
    let shift = meanDifference(now, fine, use, last) > 1.5 * unmoved ? NO_SHIFT : last;
    const small = shrunk(this.#levels, this.#width, this.#height, COARSE);
    const smallUse = usable(foreground, this.#width, coarse, COARSE);
    shift = scaled(refined(small, coarse, smallUse, scaled(shift, FINE / COARSE)), COARSE / FINE);
    shift = refined(now, fine, use, shift);
    const gain = 1 - meanDifference(now, fine, use, shift) / unmoved;
    const found = scaled(shift, FINE);
    const isReal = gain >= MIN_GAIN && Math.hypot(found.dx, found.dy) >= NEGLIGIBLE_PX;
    this.#last = isReal ? found : NO_SHIFT;
    return this.#last;
  }

  #gainAt(i: number, gains: Int16Array | null): number {
    if (gains === null) return 1;
    const x = i % this.#width;
    const row = Math.min(TILE_ROWS - 1, Math.floor((((i - x) / this.#width) * TILE_ROWS) / this.#height));
    return (gains[row * this.#width + x] ?? 0) / GAIN_ONE;
  }

  /** Moves `picture` back by `shift` into `out`; what came from outside is taken from `background`. */
  undo(
    picture: Uint8Array,
    { dx, dy }: Shift,
    background: Int16Array,
    gains: Int16Array | null,
    out: Uint8Array,
  ): void {
    const width = this.#width;
    const height = this.#height;
    const [fx, fy] = [Math.floor(dx), Math.floor(dy)];
    const [ax, ay] = [dx - fx, dy - fy];
    for (let y = 0; y < height; y++) {
      const row = y + fy;
      for (let x = 0; x < width; x++) {
        const column = x + fx;
        const i = y * width + x;
        if (row < 0 || column < 0 || row + 1 >= height || column + 1 >= width) {
          out[i] = Math.min(255, Math.round((background[i] ?? 0) / LEVEL / this.#gainAt(i, gains)));
          continue;
        }
        const at = row * width + column;
        const upper = (picture[at] ?? 0) * (1 - ax) + (picture[at + 1] ?? 0) * ax;
        const lower = (picture[at + width] ?? 0) * (1 - ax) + (picture[at + width + 1] ?? 0) * ax;
        out[i] = Math.round(upper * (1 - ay) + lower * ay);
      }
    }
  }
}

const scaled = ({ dx, dy }: Shift, by: number): Shift => ({ dx: dx * by, dy: dy * by });

/** Each small pixel is the mean of twice its own width, so that sharp edges can be told apart between pixels. */
function shrunk(picture: Float32Array, width: number, height: number, by: number): Level {
  const columns = Math.floor(width / by);
  const rows = Math.floor(height / by);
  const boxes = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = row * by; y < (row + 1) * by; y++) {
        for (let i = y * width + column * by; i < y * width + (column + 1) * by; i++) sum += picture[i] ?? 0;
      }
      boxes[row * columns + column] = sum / (by * by);
    }
  }
  return { width: columns, height: rows, data: smoothed(smoothed(boxes, columns, 1), columns, columns) };
}

/** Weights 1-2-1 over neighbours `step` apart; the border is left as it is. */
function smoothed(data: Float32Array, columns: number, step: number): Float32Array {
  const out = data.slice();
  for (let i = step; i < data.length - step; i++) {
    const column = i % columns;
    if (step === 1 && (column === 0 || column === columns - 1)) continue;
    out[i] = ((data[i - step] ?? 0) + 2 * (data[i] ?? 0) + (data[i + step] ?? 0)) / 4;
  }
  return out;
}

/** 1 where a small pixel holds no foreground. */
function usable(foreground: Uint8Array, width: number, level: Level, by: number): Uint8Array {
  const use = new Uint8Array(level.data.length).fill(1);
  for (let i = 0; i < foreground.length; i++) {
    if (foreground[i] !== 1) continue;
    const column = Math.floor((i % width) / by);
    const row = Math.floor(i / width / by);
    if (column < level.width && row < level.height) use[row * level.width + column] = 0;
  }
  return use;
}

/** A few rounds of least squares from `start`; stays at `start` where there is nothing to hold on to. */
function refined(now: Level, before: Level, use: Uint8Array, start: Shift): Shift {
  let shift = start;
  for (let round = 0; round < ROUNDS; round++) {
    const step = stepFrom(now, before, use, shift);
    if (step === null) return start;
    shift = { dx: shift.dx + step.dx, dy: shift.dy + step.dy };
    if (Math.hypot(step.dx, step.dy) < 0.02) break;
  }
  return shift;
}

function stepFrom(now: Level, before: Level, use: Uint8Array, shift: Shift): Shift | null {
  const { width, height, data } = before;
  const margin = 2 + Math.ceil(Math.max(Math.abs(shift.dx), Math.abs(shift.dy)));
  let [xx, xy, yy, xe, ye, count] = [0, 0, 0, 0, 0, 0];
  for (let y = margin; y < height - margin; y++) {
    for (let x = margin; x < width - margin; x++) {
      const i = y * width + x;
      if (use[i] !== 1) continue;
      const gx = ((data[i + 1] ?? 0) - (data[i - 1] ?? 0)) / 2;
      const gy = ((data[i + width] ?? 0) - (data[i - width] ?? 0)) / 2;
      const error = sampled(now, x + shift.dx, y + shift.dy) - (data[i] ?? 0);
      const weight = Math.min(1, HUBER_LEVELS / (Math.abs(error) + 1e-6));
      xx += weight * gx * gx;
      xy += weight * gx * gy;
      yy += weight * gy * gy;
      xe += weight * gx * error;
      ye += weight * gy * error;
      count++;
    }
  }
  const determinant = xx * yy - xy * xy;
  const weakest = (xx + yy - Math.sqrt((xx - yy) ** 2 + 4 * xy * xy)) / 2;
  if (count === 0 || weakest / count < MIN_GRADIENT) return null;
  return { dx: -(yy * xe - xy * ye) / determinant, dy: -(xx * ye - xy * xe) / determinant };
}

function sampled({ width, data }: Level, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const i = row * width + column;
  const [ax, ay] = [x - column, y - row];
  const upper = (data[i] ?? 0) * (1 - ax) + (data[i + 1] ?? 0) * ax;
  const lower = (data[i + width] ?? 0) * (1 - ax) + (data[i + width + 1] ?? 0) * ax;
  return upper * (1 - ay) + lower * ay;
}

function isQuiet(now: Level, before: Level, use: Uint8Array): boolean {
  let loud = 0;
  for (let i = 0; i < use.length; i++) {
    if (use[i] === 1 && Math.abs((now.data[i] ?? 0) - (before.data[i] ?? 0)) > QUIET_LEVELS) loud++;
  }
  return loud < QUIET_SHARE * use.length;
}

/** Mean difference where usable, each counted to at most `HUBER_LEVELS` times four. */
function meanDifference(now: Level, before: Level, use: Uint8Array, shift: Shift): number {
  const { width, height, data } = before;
  const margin = 5;
  let sum = 0;
  let count = 0;
  for (let y = margin; y < height - margin; y++) {
    for (let x = margin; x < width - margin; x++) {
      const i = y * width + x;
      if (use[i] !== 1) continue;
      sum += Math.min(4 * HUBER_LEVELS, Math.abs(sampled(now, x + shift.dx, y + shift.dy) - (data[i] ?? 0)));
      count++;
    }
  }
  return count === 0 ? 1 : sum / count + 1e-3;
}
