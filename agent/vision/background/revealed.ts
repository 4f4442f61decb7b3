import type { Component, Grid } from '../tracking/components.ts';
import { LEVEL } from './kernel/steps.ts';

/** A cell whose steepest gradient is below this (grey levels) has no edge in it. */
const EDGE_LEVELS = 6;

const OUTSIDE = 0;
const OWN = 1;
const ROUGH = 2;
const REACHED = 3;

/** Used again for each component: what each cell of the grid is, and the cells reached, in order. */
let plane = new Uint8Array(0);
let reached = new Int32Array(0);

/**
 * The cells of `component` that are floor come to light: reached from outside without crossing an edge of the
 * picture of now. What is left over stands there. Splits a bag from the ghost of who stood beside it in the
 * first background. Valid until the next call.
 */
export function revealedCells(
  component: Component,
  picture: Int16Array,
  width: number,
  grid: Grid,
): Int32Array {
  const { cells } = component;
  const { columns } = grid;
  makeRoom(columns * grid.rows);
  for (let at = 0; at < cells.length; at++) plane[cells[at] ?? 0] = OWN;
  let count = 0;
  const reach = (cell: number) => {
    if (plane[cell] !== OWN) return;
    const isSmooth = steepest(picture, cell, width, columns) < EDGE_LEVELS;
    plane[cell] = isSmooth ? REACHED : ROUGH;
    if (isSmooth) reached[count++] = cell;
  };
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? 0;
    if (isAtBorder(cell, columns)) reach(cell);
  }
  for (let next = 0; next < count; next++) {
    const cell = reached[next] ?? 0;
    reach(cell - 1);
    reach(cell + 1);
    reach(cell - columns);
    reach(cell + columns);
  }
  for (let at = 0; at < cells.length; at++) plane[cells[at] ?? 0] = OUTSIDE;
  return reached.subarray(0, count);
}

function makeRoom(cells: number): void {
  if (plane.length >= cells) return;
  plane = new Uint8Array(cells);
  reached = new Int32Array(cells);
}

const isAtBorder = (cell: number, columns: number): boolean =>
  isOutside(cell - 1) || isOutside(cell + 1) || isOutside(cell - columns) || isOutside(cell + columns);
const isOutside = (cell: number): boolean => (plane[cell] ?? OUTSIDE) === OUTSIDE;

function steepest(picture: Int16Array, cell: number, width: number, columns: number): number {
  const row = Math.floor(cell / columns);
  const i = row * 2 * width + (cell - row * columns) * 2;
  const upper = Math.max(steepness(picture, i, width), steepness(picture, i + 1, width));
  const lower = Math.max(steepness(picture, i + width, width), steepness(picture, i + width + 1, width));
  return Math.max(upper, lower) / (2 * LEVEL);
}

/** The larger difference of the neighbours on both sides, across and down. */
function steepness(picture: Int16Array, p: number, width: number): number {
  const dx = (picture[p + 1] ?? 0) - (picture[p - 1] ?? 0);
  const dy = (picture[p + width] ?? 0) - (picture[p - width] ?? 0);
  return Math.max(Math.abs(dx), Math.abs(dy));
}
