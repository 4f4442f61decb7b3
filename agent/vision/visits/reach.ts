import { type CellGrid, DIRECTIONS } from './edge-map.ts';

/** Edges given cell by cell, as an edge map or a reference has them. */
export interface Edges {
  readonly grid: CellGrid;
  readonly strength: Uint8Array;
  readonly direction: Uint8Array;
}

/** An edge of this many steps more contrast than what it is compared with is another edge. */
const SAME_WITHIN_STEPS = 3;

/**
 * For each cell and direction, the strongest edge within `radius` cells that runs about that way: what tells
 * quickly whether an edge seen is one that is known, with room for what parallax and thinning leave undecided.
 */
export class Reach {
  readonly grid: CellGrid;
  readonly #strongest: readonly Uint8Array[];

  constructor(edges: Edges, radius: number, counts: (cell: number) => boolean) {
    this.grid = edges.grid;
    const near = spread(planes(edges, counts), edges.grid, radius);
    this.#strongest = near.map((own, direction) => {
      const before = near[(direction + DIRECTIONS - 1) % DIRECTIONS];
      const after = near[(direction + 1) % DIRECTIONS];
      return own.map((value, cell) => Math.max(value, before?.[cell] ?? 0, after?.[cell] ?? 0));
    });
  }

  /** The strongest that runs about this way; 0 where there is none. */
  strongestAt(cell: number, direction: number): number {
    return this.#strongest[direction]?.[cell] ?? 0;
  }

  /** Whether an edge like this is there. */
  knows(cell: number, direction: number, strength: number): boolean {
    const known = this.strongestAt(cell, direction);
    return known > 0 && known + SAME_WITHIN_STEPS >= strength;
  }
}

function planes({ grid, strength, direction }: Edges, counts: (cell: number) => boolean): Uint8Array[] {
  const cells = grid.columns * grid.rows;
  const out = Array.from({ length: DIRECTIONS }, () => new Uint8Array(cells));
  for (let cell = 0; cell < cells; cell++) {
    const value = strength[cell] ?? 0;
    const plane = out[direction[cell] ?? 0];
    if (value > 0 && plane !== undefined && counts(cell)) plane[cell] = value;
  }
  return out;
}

function spread(from: readonly Uint8Array[], { columns, rows }: CellGrid, radius: number): Uint8Array[] {
  return from.map((plane) => {
    const out = new Uint8Array(plane.length);
    for (let cell = 0; cell < plane.length; cell++) {
      const value = plane[cell] ?? 0;
      if (value === 0) continue;
      const column = cell % columns;
      const row = (cell - column) / columns;
      const right = Math.min(columns - 1, column + radius);
      const bottom = Math.min(rows - 1, row + radius);
      for (let y = Math.max(0, row - radius); y <= bottom; y++) {
        for (let x = Math.max(0, column - radius); x <= right; x++) {
          const i = y * columns + x;
          if ((out[i] ?? 0) < value) out[i] = value;
        }
      }
    }
    return out;
  });
}
