import { type Component, componentsOf, type Grid } from '../tracking/components.ts';
import type { DualBackground } from './background.ts';
import { revealedCells } from './revealed.ts';

/** What is left of a ghost is something of its own only when it is much smaller than the ghost. */
const LARGEST_REST = 0.7;

/** Takes what stands in `component` as background, with a cell's margin for its soft border. */
export function heal(component: Component, background: DualBackground, width: number, grid: Grid): void {
  const { cells } = component;
  const [right, bottom] = [grid.columns * 2, grid.rows * 2];
  for (let at = 0; at < cells.length; at++) {
    const row = Math.floor((cells[at] ?? 0) / grid.columns);
    const left = ((cells[at] ?? 0) - row * grid.columns) * 2;
    for (let y = Math.max(0, row * 2 - 2); y < Math.min(bottom, row * 2 + 4); y++) {
      for (let x = Math.max(0, left - 2); x < Math.min(right, left + 4); x++) background.heal(y * width + x);
    }
  }
}

/**
 * Takes only the floor that came to light as background. Answers what stands there still, or null when nothing
 * of a thing's size is left and all was healed.
 */
export function healGhost(
  component: Component,
  background: DualBackground,
  width: number,
  grid: Grid,
  minAreaPx: number,
): Component | null {
  const revealed = revealedCells(component, background.short, width, grid);
  const rest = new Uint8Array(grid.columns * grid.rows);
  for (let at = 0; at < component.cells.length; at++) rest[component.cells[at] ?? 0] = 1;
  for (let at = 0; at < revealed.length; at++) rest[revealed[at] ?? 0] = 0;
  const pieces = componentsOf(rest, grid, 1, minAreaPx).sort((a, b) => b.areaPx - a.areaPx);
  const [largest] = pieces;
  if (largest === undefined || largest.areaPx > LARGEST_REST * component.areaPx) {
    heal(component, background, width, grid);
    return null;
  }
  for (const cell of revealed) {
    const row = Math.floor(cell / grid.columns);
    const i = row * 2 * width + (cell - row * grid.columns) * 2;
    for (const pixel of [i, i + 1, i + width, i + width + 1]) background.heal(pixel);
  }
  return largest;
}

/** How much of `component` is floor come to light. */
export function revealedShare(
  component: Component,
  background: DualBackground,
  width: number,
  grid: Grid,
): number {
  return revealedCells(component, background.short, width, grid).length / component.cells.length;
}
