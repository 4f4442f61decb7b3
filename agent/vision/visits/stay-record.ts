import type { SceneView } from '../scene-view.ts';
import type { CellGrid, EdgeMap } from './edge-map.ts';
import type { StayEdges } from './layer.ts';

/** Fewer looks than this say nothing of a place. */
const LEAST_LOOKS = 3;

/** What the looks of one stay add up to: an edge counts when it was there in most of those that could see it. */
export class StayRecord {
  readonly grid: CellGrid;
  looks = 0;
  readonly #known: Uint16Array;
  readonly #seen: Uint16Array;
  readonly #strength: Uint8Array;
  readonly #direction: Uint8Array;
  #floor: Uint8Array | null = null;

  constructor(grid: CellGrid) {
    const cells = grid.columns * grid.rows;
    this.grid = grid;
    this.#known = new Uint16Array(cells);
    this.#seen = new Uint16Array(cells);
    this.#strength = new Uint8Array(cells);
    this.#direction = new Uint8Array(cells);
  }

  add(now: EdgeMap, known: Uint8Array): void {
    this.looks++;
    this.#floor = now.floor;
    for (let cell = 0; cell < known.length; cell++) {
      if (known[cell] !== 1) continue;
      this.#known[cell] = (this.#known[cell] ?? 0) + 1;
      const strength = now.strength[cell] ?? 0;
      if (strength === 0) continue;
      this.#seen[cell] = (this.#seen[cell] ?? 0) + 1;
      this.#strength[cell] = strength;
      this.#direction[cell] = now.direction[cell] ?? 0;
    }
  }

  /** Null where there were too few looks. */
  edges(): StayEdges | null {
    if (this.#floor === null || this.looks < LEAST_LOOKS) return null;
    const strength = new Uint8Array(this.#known.length);
    const known = new Uint8Array(this.#known.length);
    for (let cell = 0; cell < known.length; cell++) {
      const looks = this.#known[cell] ?? 0;
      if (looks < LEAST_LOOKS || 2 * looks < this.looks) continue;
      known[cell] = 1;
      if (2 * (this.#seen[cell] ?? 0) > looks) strength[cell] = this.#strength[cell] ?? 0;
    }
    return { map: { grid: this.grid, strength, direction: this.#direction, floor: this.#floor }, known };
  }
}

/** 1 for cells in which nothing moves or has come in: what may be compared, and learned. */
export function knownCells(
  { background, width }: SceneView,
  { columns, rows, cellPx }: CellGrid,
): Uint8Array {
  const { foreground, moving } = background;
  const busy = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let y = row * cellPx; y < (row + 1) * cellPx; y++) {
        const from = y * width + column * cellPx;
        for (let i = from; i < from + cellPx; i++) {
          if (foreground[i] === 1 || moving[i] === 1) busy[row * columns + column] = 1;
        }
      }
    }
  }
  return freeOf(busy, columns);
}

/** 1 where neither a cell nor a neighbour is busy. */
function freeOf(busy: Uint8Array, columns: number): Uint8Array {
  const free = new Uint8Array(busy.length).fill(1);
  for (let cell = 0; cell < busy.length; cell++) {
    if (busy[cell] !== 1) continue;
    for (const row of [cell - columns, cell, cell + columns]) {
      for (let at = Math.max(0, row - 1); at <= Math.min(busy.length - 1, row + 1); at++) free[at] = 0;
    }
  }
  return free;
}

/** The logarithm to base 2 of the mean level of `levels` / `unit`. */
export function lightOf(levels: ArrayLike<number>, unit: number): number {
  let sum = 0;
  for (let i = 0; i < levels.length; i += 7) sum += levels[i] ?? 0;
  return Math.log2(1 + sum / unit / Math.ceil(levels.length / 7));
}
