import type { Kernel, MaskName } from './kernel.ts';
import { type Layout, type Planes, planesOver } from './layout.ts';
import { DEVIATION_LEVEL, LEVEL, LIGHTEST, MAX_DEVIATION, STEP, WHITE } from './steps.ts';

/** Rounded product in 1/32768, as `i16x8.q15mulr_sat_s` gives it. */
const q15 = (a: number, b: number): number => Math.min(32767, (a * b + 0x4000) >> 15);
const saturated = (value: number): number => Math.min(32767, Math.max(-32768, value));

/** Pictures are moved in 1/64 level. */
const WARP_SHIFT = 6;
const DEVIATION_TO_LEVEL = LEVEL / DEVIATION_LEVEL;

/** The kernel in TypeScript: for machines whose WebAssembly has no SIMD, and to test the other by. */
export class TwinKernel implements Kernel {
  readonly kind = 'plain';
  readonly planes: Planes;

  constructor(layout: Layout) {
    this.planes = planesOver(new ArrayBuffer(layout.bytes), layout);
  }

  update(): number {
    const { width, height, step, rows, gains } = this.planes;
    const picture = step[STEP.fromAligned] === 1 ? this.planes.aligned : this.planes.frame;
    let count = 0;
    for (let y = 0, i = 0; y < height; y++) {
      const above = (rows[y * 2] ?? 0) * width;
      const weight = rows[y * 2 + 1] ?? 0;
      for (let x = 0; x < width; x++, i++) {
        const upper = gains[above + x] ?? 0;
        const gain = upper + q15((gains[above + width + x] ?? 0) - upper, weight);
        count += this.#updatePixel(i, picture[i] ?? 0, gain, step);
      }
    }
    return count;
  }

  /** 1 when the pixel is foreground. */
  #updatePixel(i: number, level: number, gain: number, step: Int32Array): 0 | 1 {
    const { long, short, deviation, age, foreground, moving } = this.planes;
    const value = level >= WHITE ? Math.max(lit(level, gain), long[i] ?? 0) : lit(level, gain);
    const spread = deviation[i] ?? 0;
    const threshold = (step[STEP.threshold] ?? 0) + spread * (step[STEP.thresholdByDeviation] ?? 0);
    const fromLong = value - (long[i] ?? 0);
    const fromShort = value - (short[i] ?? 0);
    const far = Math.abs(fromLong);
    const isNew = far > threshold;
    const moves = Math.abs(fromShort) > threshold;
    foreground[i] = isNew ? 1 : 0;
    moving[i] = moves ? 1 : 0;
    short[i] = (short[i] ?? 0) + q15(fromShort, step[STEP.shortShare] ?? 0);
    const still = age[i] ?? 0;
    if (isNew) {
      age[i] = moves
        ? Math.max(0, still - (step[STEP.ageBack] ?? 0))
        : Math.min(step[STEP.ageCap] ?? 0, still + (step[STEP.ageUp] ?? 0));
      return 1;
    }
    const dithered = saturated(fromLong + (step[STEP.longDither] ?? 0));
    long[i] = (long[i] ?? 0) + q15(dithered, step[STEP.longShare] ?? 0);
    const excess = saturated(far - spread * DEVIATION_TO_LEVEL + (step[STEP.deviationDither] ?? 0));
    const next = spread + q15(excess, step[STEP.deviationShare] ?? 0);
    deviation[i] = Math.min(MAX_DEVIATION, Math.max(0, next));
    age[i] = Math.max(0, still - (step[STEP.ageDown] ?? 0));
    return 0;
  }

  absorb(): void {
    const { width, height, rows, drifts, long, short } = this.planes;
    for (let y = 0, i = 0; y < height; y++) {
      const above = (rows[y * 2] ?? 0) * width;
      const weight = rows[y * 2 + 1] ?? 0;
      for (let x = 0; x < width; x++, i++) {
        const upper = drifts[above + x] ?? 0;
        const drift = upper + q15((drifts[above + width + x] ?? 0) - upper, weight);
        long[i] = drifted(long[i] ?? 0, drift);
        short[i] = drifted(short[i] ?? 0, drift);
      }
    }
  }

  warp(): void {
    const { width, step, scratch, frame, aligned } = this.planes;
    const at = (name: 'warpLeft' | 'warpTop' | 'warpRight' | 'warpBottom' | 'warpX' | 'warpY'): number =>
      step[STEP[name]] ?? 0;
    const [left, right] = [at('warpLeft'), at('warpRight')];
    const across = step.subarray(STEP.warpAcross, STEP.warpAcross + 4);
    const down = step.subarray(STEP.warpDown, STEP.warpDown + 4);
    for (let y = at('warpTop'); y < at('warpBottom'); y++) {
      const first = (y + at('warpY') - 1) * width + left + at('warpX') - 1;
      for (let x = 0; x < right - left + 3; x++) {
        let sum = 0;
        for (let tap = 0; tap < 4; tap++) {
          sum = saturated(sum + q15((frame[first + tap * width + x] ?? 0) << WARP_SHIFT, down[tap] ?? 0));
        }
        scratch[x] = sum;
      }
      for (let x = left; x < right; x++) {
        let sum = 0;
        for (let tap = 0; tap < 4; tap++) {
          sum = saturated(sum + q15(scratch[x - left + tap] ?? 0, across[tap] ?? 0));
        }
        const rounded = saturated(sum + (1 << (WARP_SHIFT - 1))) >> WARP_SHIFT;
        aligned[y * width + x] = Math.min(255, Math.max(0, rounded));
      }
    }
  }

  shrink(from: 'frame' | 'long'): void {
    const { width, height, half, quarter } = this.planes;
    if (from === 'frame') this.#halveFrame();
    else halve(this.planes.long, width, height, half);
    smooth(half, width >> 1, height >> 1);
    smooth(half, width >> 1, height >> 1);
    halve(half, width >> 1, height >> 1, quarter);
    smooth(quarter, width >> 2, height >> 2);
  }

  /** The light of the upper left pixel stands for all four. */
  #halveFrame(): void {
    const { width, height, frame, half, rows, gains } = this.planes;
    const columns = width >> 1;
    for (let row = 0, cell = 0; row < height >> 1; row++) {
      const above = (rows[row * 4] ?? 0) * width;
      const weight = rows[row * 4 + 1] ?? 0;
      for (let column = 0; column < columns; column++, cell++) {
        const i = row * 2 * width + column * 2;
        const sum =
          (frame[i] ?? 0) + (frame[i + 1] ?? 0) + (frame[i + width] ?? 0) + (frame[i + width + 1] ?? 0);
        const upper = gains[above + column * 2] ?? 0;
        const gain = upper + q15((gains[above + width + column * 2] ?? 0) - upper, weight);
        half[cell] = litBy(sum << 5, gain);
      }
    }
  }

  markCells(mask: MaskName, least: number): void {
    const { width, cells } = this.planes;
    const from = this.planes[mask];
    const columns = width >> 1;
    const passes = (i: number): number => ((from[i] ?? 0) >= least ? 1 : 0);
    for (let cell = 0; cell < cells.length; cell++) {
      const column = cell % columns;
      const i = ((cell - column) / columns) * 2 * width + column * 2;
      cells[cell] = passes(i) + passes(i + 1) + passes(i + width) + passes(i + width + 1) >= 2 ? 1 : 0;
    }
  }
}

/** `level` (0 to 255) in 1/128 level, in the background's light. */
const lit = (level: number, gain: number): number => litBy(level << 7, gain);

/** The same of a level in 1/128. */
function litBy(level: number, gain: number): number {
  const quarter = q15(level, gain);
  const half = Math.min(32767, 2 * quarter);
  return Math.min(LIGHTEST, 2 * half);
}

/** Means of 2×2. */
function halve(from: Int16Array, width: number, height: number, to: Int16Array): void {
  const columns = width >> 1;
  for (let row = 0, cell = 0; row < height >> 1; row++) {
    for (let column = 0; column < columns; column++, cell++) {
      const i = row * 2 * width + column * 2;
      const upper = (from[i] ?? 0) + (from[i + 1] ?? 0);
      to[cell] = (upper + (from[i + width] ?? 0) + (from[i + width + 1] ?? 0) + 2) >> 2;
    }
  }
}

/** Weights 1-2-1 across, then down, in place; the border stays as it is. */
function smooth(plane: Int16Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    let before = plane[y * width] ?? 0;
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) {
      const own = plane[i] ?? 0;
      plane[i] = (before + 2 * own + (plane[i + 1] ?? 0) + 2) >> 2;
      before = own;
    }
  }
  for (let x = 0; x < width; x++) {
    let before = plane[x] ?? 0;
    for (let i = width + x; i < (height - 1) * width; i += width) {
      const own = plane[i] ?? 0;
      plane[i] = (before + 2 * own + (plane[i + width] ?? 0) + 2) >> 2;
      before = own;
    }
  }
}

const drifted = (value: number, drift: number): number =>
  Math.min(LIGHTEST, Math.max(0, saturated(value + q15(value, drift))));
