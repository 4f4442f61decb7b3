import { type Component, componentsOf, type Grid } from '../tracking/components.ts';
import { grown } from '../tracking/rect.ts';
import type { DualBackground } from './background.ts';
import { revealedCells } from './revealed.ts';

/** What is left of a ghost is something of its own only when it is much smaller than the ghost. */
const LARGEST_REST = 0.7;

/** Takes what stands in `component` as background, with a cell's margin for its soft border. */
export function heal(component: Component, background: DualBackground, width: number, grid: Grid): void {
  for (const cell of component.cells) {
    const rect = grown(pixelsOf(cell, grid), 2, grid.columns * 2, grid.rows * 2);
    for (let y = rect.top; y < rect.bottom; y++) {
      for (let x = rect.left; x < rect.right; x++) background.heal(y * width + x);
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
  for (const cell of component.cells) rest[cell] = 1;
  for (const cell of revealed) rest[cell] = 0;
  const pieces = componentsOf(rest, grid, 1, minAreaPx).sort((a, b) => b.areaPx - a.areaPx);
  const [largest] = pieces;
  if (largest === undefined || largest.areaPx > LARGEST_REST * component.areaPx) {
    heal(component, background, width, grid);
    return null;
  }
  for (const cell of revealed) {
    const { left, top } = pixelsOf(cell, grid);
    const i = top * width + left;
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

function pixelsOf(cell: number, grid: Grid) {
  const left = (cell % grid.columns) * 2;
  const top = Math.floor(cell / grid.columns) * 2;
  return { left, top, right: left + 2, bottom: top + 2 };
}
