import type { DualBackground } from '../background/background.ts';
import type { Component, Grid } from '../tracking/components.ts';

/** A step of gain is three hundredths, about what noise of 3 levels makes of the mean of four pixels. */
const STEPS = 35;
/** Less than this is even in any case. */
const LEAST_CELLS = 12;
/** Gains from a sixteenth to sixteen. */
const HALF = Math.ceil(STEPS * Math.log(16));

/** By how much the light has changed within an outline, and how evenly: shade and sun change all of it by one factor. */
export class Gains {
  readonly #counts = new Int32Array(2 * HALF + 1);

  /** `gain` is the median of level now over level before, `gainSpread` the range of the middle half over it. */
  of(
    { cells }: Component,
    { short, long }: DualBackground,
    width: number,
    { columns }: Grid,
  ): { readonly gain: number; readonly gainSpread: number } {
    this.#counts.fill(0);
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] ?? 0;
      const row = Math.floor(cell / columns);
      const i = row * 2 * width + (cell - row * columns) * 2;
      const gain = Math.max(1, of2x2(short, i, width)) / Math.max(1, of2x2(long, i, width));
      const step = Math.round(STEPS * Math.log(gain)) + HALF;
      const place = Math.min(2 * HALF, Math.max(0, step));
      this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    }
    const gain = this.#quantile(0.5 * cells.length);
    const spread = this.#quantile(0.75 * cells.length) - this.#quantile(0.25 * cells.length);
    return { gain, gainSpread: cells.length < LEAST_CELLS ? 0 : spread / gain };
  }

  #quantile(rank: number): number {
    let below = 0;
    for (let at = 0; at < this.#counts.length; at++) {
      below += this.#counts[at] ?? 0;
      if (below >= rank) return Math.exp((at - HALF) / STEPS);
    }
    return 1;
  }
}

const of2x2 = (plane: Int16Array, i: number, width: number): number =>
  (plane[i] ?? 0) + (plane[i + 1] ?? 0) + (plane[i + width] ?? 0) + (plane[i + width + 1] ?? 0);
