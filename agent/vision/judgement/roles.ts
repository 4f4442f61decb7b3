import type { Component, Grid } from '../tracking/components.ts';

export const OUTSIDE = 0;
export const INSIDE = 1;
/** The outer side of the contour; its inner side is the one role beyond. */
export const CONTOUR = 2;
const OWN_CONTOUR = 3;

const isOwn = (role: number | undefined): boolean => role === INSIDE || role === OWN_CONTOUR;

/** Roles of the cells in and around a component; the plane is used again for the next one. */
export class Roles {
  plane = new Uint8Array(0);
  readonly #marginCells: number;
  #left = 0;
  #top = 0;
  #columns = 0;

  constructor(marginCells: number) {
    this.#marginCells = marginCells;
  }

  /** Where in `plane` the cells of the row of pixels `y` begin: add the column. */
  rowAt(y: number): number {
    return ((y >> 1) - this.#top) * this.#columns - this.#left;
  }

  /** The contour is the cells at the border, on both sides of it. */
  mark({ cells, rect }: Component, { columns }: Grid): void {
    const margin = this.#marginCells;
    this.#left = (rect.left >> 1) - margin;
    this.#top = (rect.top >> 1) - margin;
    this.#columns = (rect.right >> 1) + margin - this.#left;
    const size = this.#columns * ((rect.bottom >> 1) + margin - this.#top);
    if (this.plane.length < size) this.plane = new Uint8Array(size * 2);
    const plane = this.plane.fill(OUTSIDE, 0, size);
    for (let at = 0; at < cells.length; at++) plane[this.#placeOf(cells[at] ?? 0, columns)] = INSIDE;
    for (let at = 0; at < cells.length; at++) this.#markContour(this.#placeOf(cells[at] ?? 0, columns));
  }

  #markContour(place: number): void {
    const plane = this.plane;
    const wide = this.#columns;
    const isInner =
      isOwn(plane[place - 1]) &&
      isOwn(plane[place + 1]) &&
      isOwn(plane[place - wide]) &&
      isOwn(plane[place + wide]);
    if (isInner) return;
    plane[place] = OWN_CONTOUR;
    this.#markOuter(place - 1);
    this.#markOuter(place + 1);
    this.#markOuter(place - wide);
    this.#markOuter(place + wide);
  }

  #markOuter(place: number): void {
    if (this.plane[place] === OUTSIDE) this.plane[place] = CONTOUR;
  }

  #placeOf(cell: number, columns: number): number {
    const row = Math.floor(cell / columns);
    return (row - this.#top) * this.#columns + cell - row * columns - this.#left;
  }
}
