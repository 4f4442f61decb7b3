import type { Component, Grid } from '../tracking/components.ts';
import { LEVEL } from './kernel/steps.ts';

/** A cell whose steepest gradient is below this (grey levels) has no edge in it. */
const EDGE_LEVELS = 6;

/**
 * The cells of `component` that are floor come to light: reached from outside without crossing an edge of the
 * picture of now. What is left over stands there. Splits a bag from the ghost of who stood beside it in the
 * first background.
 */
export function revealedCells(
  component: Component,
  picture: Int16Array,
  width: number,
  grid: Grid,
): ReadonlySet<number> {
  const own = new Set(component.cells);
  const steps = [-1, 1, -grid.columns, grid.columns];
  const isSmooth = (cell: number) => steepest(picture, cell, width, grid) < EDGE_LEVELS;
  const reached = new Set<number>();
  const queue: number[] = [];
  const reach = (cell: number) => {
    if (reached.has(cell) || !isSmooth(cell)) return;
    reached.add(cell);
    queue.push(cell);
  };
  for (const cell of component.cells) if (steps.some((step) => !own.has(cell + step))) reach(cell);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const step of steps) if (own.has(next + step)) reach(next + step);
  }
  return reached;
}

function steepest(picture: Int16Array, cell: number, width: number, grid: Grid): number {
  const column = cell % grid.columns;
  const i = ((cell - column) / grid.columns) * 2 * width + column * 2;
  let most = 0;
  for (const p of [i, i + 1, i + width, i + width + 1]) {
    const dx = (picture[p + 1] ?? 0) - (picture[p - 1] ?? 0);
    const dy = (picture[p + width] ?? 0) - (picture[p - width] ?? 0);
    most = Math.max(most, Math.abs(dx) / 2, Math.abs(dy) / 2);
  }
  return most / LEVEL;
}
