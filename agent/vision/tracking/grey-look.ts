import type { Component, Grid } from './components.ts';

const BINS = 16;
const LEVELS_PER_BIN = 256 / BINS;
/** Newer pictures weigh this much: about the last two seconds at five looks a second. */
const SHARE = 0.1;
/** Looks needed before anything is said by it. */
const LEAST_LOOKS = 5;
/** Grey levels by which light that was not undone and another pose may move one and the same coat. */
const SAME_LEVELS = 20;
/** Twice that is another coat; between the two nothing can be said. */
const OTHER_LEVELS = 40;

/**
 * How somebody looks, as coarsely as it can be of use: two histograms of 16 grey levels, upper and lower half. It
 * tells whether who comes now may be who went a minute ago; it tells nobody from anybody else in such a coat. It
 * lives in memory for as long as the thing beside which it was seen, and is never stored or sent.
 */
export class GreyLook {
  readonly upper = new Float32Array(BINS);
  readonly lower = new Float32Array(BINS);
  looks = 0;

  /** Whether enough was seen to compare. */
  get isKnown(): boolean {
    return this.looks >= LEAST_LOOKS;
  }

  /** Takes in a picture of somebody who stands alone in `component`. */
  see(component: Component, picture: Uint8Array, width: number, { columns }: Grid): void {
    const { cells, rect } = component;
    const middle = (rect.top + rect.bottom) / 4;
    const share = Math.max(SHARE, 1 / (this.looks + 1));
    let above = 0;
    for (let at = 0; at < cells.length; at++) if (Math.floor((cells[at] ?? 0) / columns) < middle) above++;
    if (above === 0 || above === cells.length) return;
    fade(this.upper, 1 - share);
    fade(this.lower, 1 - share);
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] ?? 0;
      const row = Math.floor(cell / columns);
      const level = picture[row * 2 * width + (cell - row * columns) * 2] ?? 0;
      const bin = Math.floor(level / LEVELS_PER_BIN);
      const isAbove = row < middle;
      const half = isAbove ? this.upper : this.lower;
      half[bin] = (half[bin] ?? 0) + share / (isAbove ? above : cells.length - above);
    }
    this.looks++;
  }

  copy(): GreyLook {
    const copy = new GreyLook();
    copy.copyFrom(this);
    return copy;
  }

  copyFrom(other: GreyLook): void {
    this.upper.set(other.upper);
    this.lower.set(other.lower);
    this.looks = other.looks;
  }

  /** Whether both may be the same person; null where that cannot be told. */
  mayBe(other: GreyLook): boolean | null {
    if (!this.isKnown || !other.isKnown) return null;
    const apart = Math.max(levelsApart(this.upper, other.upper), levelsApart(this.lower, other.lower));
    if (apart < SAME_LEVELS) return true;
    return apart > OTHER_LEVELS ? false : null;
  }
}

function fade(histogram: Float32Array, by: number): void {
  for (let bin = 0; bin < BINS; bin++) histogram[bin] = (histogram[bin] ?? 0) * by;
}

/** Earth mover's distance in grey levels: how far, in the mean, a pixel's level must move to make one the other. */
export function levelsApart(a: Float32Array, b: Float32Array): number {
  let carried = 0;
  let moved = 0;
  for (let bin = 0; bin < BINS; bin++) {
    carried += (a[bin] ?? 0) - (b[bin] ?? 0);
    moved += Math.abs(carried);
  }
  return moved * LEVELS_PER_BIN;
}
