import { type DualBackground, LEVEL } from '../background/background.ts';
import type { Component, Grid } from '../tracking/components.ts';
import { grown } from '../tracking/rect.ts';
import type { Appearance } from '../tracking/track.ts';

/** Keeps ratios of two nearly flat areas near 1 (grey levels). */
const NOISE_LEVELS = 1.5;
const RING_PX = 6;
/** Background with less gradient than this inside (grey levels) has no texture to compare. */
const MIN_TEXTURE = 2;

const OUTSIDE = 0;
const INSIDE = 1;
const CONTOUR = 2;
/** The inner side of the contour. */
const OWN_CONTOUR = 3;
/** As much as the ring needs. */
const MARGIN_CELLS = RING_PX / 2 + 1;

/** Looks at `component`; `data` picture and background are those of `background`. */
export function appearanceOf(
  component: Component,
  background: DualBackground,
  width: number,
  grid: Grid,
): Appearance {
  roles.mark(component, grid);
  const height = grid.rows * 2;
  const { left, top, right, bottom } = grown(component.rect, RING_PX, grid.columns * 2, height);
  const now = background.short;
  const before = background.long;
  const sums = new Sums();
  for (let y = Math.max(1, top); y < Math.min(height - 1, bottom); y++) {
    for (let x = Math.max(1, left); x < Math.min(width - 1, right); x++) {
      const i = y * width + x;
      const role = roles.at(x >> 1, y >> 1);
      if (role === OUTSIDE) {
        sums.ring(
          levelAt(now, i),
          levelAt(before, i),
          background.foreground[i] ?? 0,
          gradient(now, i, width),
        );
      } else sums.inside(levelAt(now, i), levelAt(before, i));
      if (role === CONTOUR || role === OWN_CONTOUR)
        sums.contour(gradient(now, i, width), gradient(before, i, width));
      if (role === INSIDE) sums.texture(now, before, i, width);
    }
  }
  return sums.appearance();
}

/** Roles of the cells in and around a component; the plane is used again for the next one. */
class Roles {
  #plane = new Uint8Array(0);
  #left = 0;
  #top = 0;
  #columns = 0;

  at(column: number, row: number): number {
    return this.#plane[(row - this.#top) * this.#columns + column - this.#left] ?? OUTSIDE;
  }

  /** The contour is the cells at the border, on both sides of it. */
  mark({ cells, rect }: Component, { columns }: Grid): void {
    this.#left = (rect.left >> 1) - MARGIN_CELLS;
    this.#top = (rect.top >> 1) - MARGIN_CELLS;
    this.#columns = (rect.right >> 1) + MARGIN_CELLS - this.#left;
    const size = this.#columns * ((rect.bottom >> 1) + MARGIN_CELLS - this.#top);
    if (this.#plane.length < size) this.#plane = new Uint8Array(size * 2);
    const plane = this.#plane.fill(OUTSIDE, 0, size);
    for (const cell of cells) plane[this.#placeOf(cell, columns)] = INSIDE;
    for (const cell of cells) this.#markContour(this.#placeOf(cell, columns));
  }

  #markContour(place: number): void {
    const plane = this.#plane;
    const wide = this.#columns;
    const isInner =
      isOwn(plane[place - 1]) &&
      isOwn(plane[place + 1]) &&
      isOwn(plane[place - wide]) &&
      isOwn(plane[place + wide]);
    if (isInner) return;
    plane[place] = OWN_CONTOUR;
    for (const next of [place - 1, place + 1, place - wide, place + wide]) {
      if (plane[next] === OUTSIDE) plane[next] = CONTOUR;
    }
  }

  #placeOf(cell: number, columns: number): number {
    const column = cell % columns;
    return ((cell - column) / columns - this.#top) * this.#columns + column - this.#left;
  }
}

const isOwn = (role: number | undefined): boolean => role === INSIDE || role === OWN_CONTOUR;
const roles = new Roles();

const levelAt = (picture: Int16Array, i: number): number => (picture[i] ?? 0) / LEVEL;

function gradient(picture: Int16Array, i: number, width: number): number {
  const dx = (picture[i + 1] ?? 0) - (picture[i - 1] ?? 0);
  const dy = (picture[i + width] ?? 0) - (picture[i - width] ?? 0);
  return Math.sqrt(dx * dx + dy * dy) / (2 * LEVEL);
}

class Sums {
  #contour = { n: 0, now: 0, before: 0 };
  #inside = { n: 0, now: 0, before: 0 };
  #ring = { n: 0, now: 0, before: 0, foreground: 0, edges: 0 };
  #texture = { n: 0, nowNow: 0, beforeBefore: 0, nowBefore: 0 };

  contour(now: number, before: number): void {
    this.#contour.n++;
    this.#contour.now += now;
    this.#contour.before += before;
  }

  inside(now: number, before: number): void {
    this.#inside.n++;
    this.#inside.now += now;
    this.#inside.before += before;
  }

  ring(now: number, before: number, foreground: number, edge: number): void {
    this.#ring.edges += edge;
    this.#ring.n++;
    this.#ring.now += now;
    this.#ring.before += before;
    this.#ring.foreground += foreground;
  }

  texture(now: Int16Array, before: Int16Array, i: number, width: number): void {
    for (const step of [1, width]) {
      const a = levelAt(now, i + step) - levelAt(now, i - step);
      const b = levelAt(before, i + step) - levelAt(before, i - step);
      this.#texture.n++;
      this.#texture.nowNow += a * a;
      this.#texture.beforeBefore += b * b;
      this.#texture.nowBefore += a * b;
    }
  }

  appearance(): Appearance {
    const { n, now, before } = this.#contour;
    const ringN = this.#ring.n;
    const contrastNow = this.#contrast('now');
    const contrastBefore = this.#contrast('before');
    return {
      edgeRatio: n === 0 ? 1 : (now / n + NOISE_LEVELS) / (before / n + NOISE_LEVELS),
      edgeOverRing: n === 0 || ringN === 0 ? 1 : now / n / (this.#ring.edges / ringN + NOISE_LEVELS),
      contrast: contrastNow,
      ringContrast: (contrastNow + NOISE_LEVELS) / (contrastBefore + NOISE_LEVELS),
      ringForeground: this.#ring.n === 0 ? 0 : this.#ring.foreground / this.#ring.n,
      textureCorrelation: this.#correlation(),
    };
  }

  #contrast(when: 'now' | 'before'): number {
    if (this.#ring.n === 0 || this.#inside.n === 0) return 0;
    return Math.abs(this.#inside[when] / this.#inside.n - this.#ring[when] / this.#ring.n);
  }

  #correlation(): number {
    const { n, nowNow, beforeBefore, nowBefore } = this.#texture;
    if (n < 32 || Math.sqrt(beforeBefore / n) / 2 < MIN_TEXTURE) return 0;
    return nowBefore / Math.sqrt(nowNow * beforeBefore + 1e-9);
  }
}
