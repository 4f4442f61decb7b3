import type { Alignment } from './alignment.ts';
import type { Comparison, Edge } from './comparison.ts';
import { type EdgeMap, isParallel } from './edge-map.ts';
import { spansOf } from './outline.ts';

/** Cells nearer than this to the contour may belong to it. */
const CONTOUR_CELLS = 2;
/** With fewer edges known inside, nothing can be told. */
const LEAST_KNOWN = 6;
/** A thing hides what was known inside its contour; a patch of light leaves most of it to be seen. Halfway. */
const SHINES_THROUGH = 0.5;
/** Light leaves contrast as it is; so many steps are the noise of measuring it (a factor of two). */
const SAME_STEPS = 2;

/** Whether what the reference knows within the contour `cells` is still to be seen: a patch of light covers nothing. */
export function shines(
  cells: ArrayLike<number>,
  now: EdgeMap,
  known: Uint8Array,
  comparison: Comparison,
  alignment: Alignment,
): boolean {
  const { columns } = now.grid;
  const contour = Array.from({ length: cells.length }, (_, at) => cells[at] ?? 0);
  const own = new Set(contour);
  const rim = new Set(contour.flatMap((cell) => around(cell, CONTOUR_CELLS, columns)));
  let expected = 0;
  let found = 0;
  for (const [row, from, to] of spansOf(contour, columns)) {
    for (let column = from; column <= to; column++) {
      const cell = row * columns + column;
      if (known[cell] !== 1 || rim.has(cell)) continue;
      const edge = comparison.expectedAt(cell, alignment);
      if (edge === null) continue;
      expected++;
      if (around(cell, 1, columns).some((near) => !own.has(near) && isSame(now, near, edge))) found++;
    }
  }
  return expected >= LEAST_KNOWN && found > SHINES_THROUGH * expected;
}

function isSame(now: EdgeMap, cell: number, { direction, strength }: Edge): boolean {
  const value = now.strength[cell] ?? 0;
  if (value === 0 || Math.abs(value - strength) > SAME_STEPS) return false;
  return isParallel(now.direction[cell] ?? 0, direction);
}

function around(cell: number, radius: number, columns: number): number[] {
  const found: number[] = [];
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) found.push(cell + dy * columns + dx);
  }
  return found;
}
