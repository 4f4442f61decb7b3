import { LEVEL } from '../background/kernel/steps.ts';

/** Points are picked block by block, so that one rich corner does not speak for all of the picture; at least so large. */
const LEAST_BLOCK = 8;
const MAX_POINTS = 2048;
const MAX_PER_BLOCK = 6;
/** Gradients below this (grey levels a pixel of the small picture) are noise rather than edges. */
const MIN_GRADIENT = 1.5;
/** Least squares look this far around a point. */
const MARGIN = 4;

/** Where a smoothed small picture has edges to hold on to: what it is like there, and how steep. */
export class EdgePoints {
  readonly width: number;
  readonly height: number;
  readonly #block: number;
  /** How many of the places below are in use. */
  count = 0;
  readonly x = new Int16Array(MAX_POINTS);
  readonly y = new Int16Array(MAX_POINTS);
  /** Grey levels, and grey levels a pixel of the small picture. */
  readonly level = new Float32Array(MAX_POINTS);
  readonly gx = new Float32Array(MAX_POINTS);
  readonly gy = new Float32Array(MAX_POINTS);
  readonly #best = new Float32Array(MAX_PER_BLOCK);
  readonly #bestAt = new Int32Array(MAX_PER_BLOCK);

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#block = Math.max(LEAST_BLOCK, Math.ceil(Math.sqrt((width * height) / MAX_POINTS)));
  }

  get bytes(): number {
    const { x, y, level, gx, gy } = this;
    return [x, y, level, gx, gy].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Picks the steepest points of `plane` (in 1/LEVEL), a few from each block. */
  pick(plane: Int16Array): void {
    const { width, height } = this;
    const block = this.#block;
    const blocks = Math.ceil((width - 2 * MARGIN) / block) * Math.ceil((height - 2 * MARGIN) / block);
    const perBlock = Math.max(1, Math.min(MAX_PER_BLOCK, Math.floor(MAX_POINTS / blocks)));
    this.count = 0;
    for (let top = MARGIN; top < height - MARGIN; top += block) {
      for (let left = MARGIN; left < width - MARGIN; left += block) {
        this.#pickFrom(plane, left, top, perBlock);
      }
    }
  }

  #pickFrom(plane: Int16Array, left: number, top: number, wanted: number): void {
    const { width, height } = this;
    const best = this.#best.fill((2 * LEVEL * MIN_GRADIENT) ** 2);
    const bestAt = this.#bestAt.fill(-1);
    const right = Math.min(width - MARGIN, left + this.#block);
    const bottom = Math.min(height - MARGIN, top + this.#block);
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        const gx = (plane[i + 1] ?? 0) - (plane[i - 1] ?? 0);
        const gy = (plane[i + width] ?? 0) - (plane[i - width] ?? 0);
        const steep = gx * gx + gy * gy;
        if (steep <= (best[wanted - 1] ?? 0)) continue;
        let place = wanted - 1;
        for (; place > 0 && steep > (best[place - 1] ?? 0); place--) {
          best[place] = best[place - 1] ?? 0;
          bestAt[place] = bestAt[place - 1] ?? -1;
        }
        best[place] = steep;
        bestAt[place] = i;
      }
    }
    for (let place = 0; place < wanted; place++)
      if ((bestAt[place] ?? -1) >= 0) this.#add(plane, bestAt[place] ?? 0);
  }

  #add(plane: Int16Array, i: number): void {
    if (this.count === MAX_POINTS) return;
    const at = this.count++;
    const { width } = this;
    this.x[at] = i % width;
    this.y[at] = Math.floor(i / width);
    this.level[at] = (plane[i] ?? 0) / LEVEL;
    this.gx[at] = ((plane[i + 1] ?? 0) - (plane[i - 1] ?? 0)) / 2 / LEVEL;
    this.gy[at] = ((plane[i + width] ?? 0) - (plane[i - width] ?? 0)) / 2 / LEVEL;
  }
}
