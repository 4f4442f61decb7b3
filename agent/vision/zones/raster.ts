import type { Point } from '#agent/ports/vision-zones.ts';
import type { Grid } from '../tracking/components.ts';

/**
 * The cells of `grid` whose centre lies within `polygon` (fractions of the picture), by the even-odd rule, row by
 * row from the top. A centre on a left or upper edge counts as inside, on a right or lower one as outside, so that
 * neighbours that share an edge share no cell.
 */
export function* cellsWithin(polygon: readonly Point[], { columns, rows }: Grid): Generator<number> {
  for (let row = 0; row < rows; row++) {
    const crossings = crossingsAt((row + 0.5) / rows, polygon);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const first = columnFrom(crossings[pair] ?? 0, columns);
      const end = columnFrom(crossings[pair + 1] ?? 0, columns);
      for (let column = first; column < end; column++) yield row * columns + column;
    }
  }
}

/** Where the outline crosses the horizontal line at `y`, from the left. */
function crossingsAt(y: number, polygon: readonly Point[]): number[] {
  const crossings: number[] = [];
  let from = polygon.at(-1);
  for (const to of polygon) {
    if (from !== undefined && from[1] <= y !== to[1] <= y) {
      crossings.push(from[0] + ((y - from[1]) / (to[1] - from[1])) * (to[0] - from[0]));
    }
    from = to;
  }
  return crossings.sort((a, b) => a - b);
}

/** The first column whose centre is at `x` or right of it. */
const columnFrom = (x: number, columns: number): number =>
  Math.min(columns, Math.max(0, Math.ceil(x * columns - 0.5)));
