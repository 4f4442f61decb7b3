import { Labeller } from './labeller.ts';
import type { Rect } from './rect.ts';

/** A picture at half its resolution: one cell is 2×2 pixels. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

export const gridOf = (width: number, height: number): Grid => ({ columns: width >> 1, rows: height >> 1 });

/** Cells that hang together. */
export interface Component {
  /** Row by row, so in rising order. */
  readonly cells: Int32Array;
  /** In pixels of the full picture. */
  readonly rect: Rect;
  readonly areaPx: number;
}

const labeller = new Labeller();

/**
 * Components of the marked cells. Cells up to `gap` apart in both directions hang together, since a coat with
 * the floor's brightness must not cut a person in two.
 */
export function componentsOf(mask: Uint8Array, grid: Grid, gap: number, minAreaPx: number): Component[] {
  const found: Component[] = [];
  labeller.label(mask, grid, gap, Math.ceil(minAreaPx / 4), (cells) => found.push(componentOf(cells, grid)));
  return found;
}

export function componentOf(cells: ArrayLike<number>, grid: Grid): Component {
  let left = grid.columns;
  let right = 0;
  let top = grid.rows;
  let bottom = 0;
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? 0;
    const column = cell % grid.columns;
    const row = (cell - column) / grid.columns;
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  }
  return {
    cells: cells instanceof Int32Array ? cells : Int32Array.from(cells),
    rect: { left: left * 2, top: top * 2, right: right * 2, bottom: bottom * 2 },
    areaPx: cells.length * 4,
  };
}

/** The component so many cells further right and down; null when it is out of the picture. */
export function movedComponent(
  component: Component,
  grid: Grid,
  columns: number,
  rows: number,
): Component | null {
  const cells: number[] = [];
  for (const cell of component.cells) {
    const column = (cell % grid.columns) + columns;
    const row = Math.floor(cell / grid.columns) + rows;
    const isInside = column >= 0 && column < grid.columns && row >= 0 && row < grid.rows;
    if (isInside) cells.push(row * grid.columns + column);
  }
  return cells.length === 0 ? null : componentOf(cells, grid);
}

/** How many cells both have: one walk through both. */
export function sharedCells(a: Component, b: Component): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.cells.length && j < b.cells.length; ) {
    const one = a.cells[i] ?? 0;
    const other = b.cells[j] ?? 0;
    if (one === other) shared++;
    if (one <= other) i++;
    if (other <= one) j++;
  }
  return shared;
}
