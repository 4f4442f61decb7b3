import type { CellGrid, EdgeMap } from './edge-map.ts';
import type { Reach } from './reach.ts';

/** By how many cells what is seen now lies right of and below where the reference has it. */
export interface CellShift {
  readonly dx: number;
  readonly dy: number;
}

/** Side of the patches that are brought into line one by one. */
const PATCH_CELLS = 20;
/** How far a view may be turned: 20 cells are an eighth of the picture, about 7° at a field of view of 53°. */
const FARTHEST_DX = 20;
const FARTHEST_DY = 8;
/** What is near moves more than what is far: at 1.5 m, a step of 5 cm to the side is 5 cells (10 pixels of 320). */
const PARALLAX_DX = 6;
const PARALLAX_DY = 3;
/** A patch with fewer edges says nothing; it follows its neighbours. */
const LEAST_EDGES = 12;
/** Edges that a shift must explain more than the view's own, per cell of departure, to be believed. */
const COST_OF_DEPARTURE = 0.02;
/** So many edges are enough to find the shift of the whole view. */
const MOST_POINTS = 1200;
/**
 * Share of the edges, beyond those that any shift would explain, that must be found again. In the drawn hall the
 * right view reaches 0.72 to 0.95 in any light, and other views of the same hall 0.2 to 0.38: halfway.
 */
const LEAST_AGREEMENT = 0.55;

interface Point {
  readonly column: number;
  readonly row: number;
  readonly direction: number;
  readonly strength: number;
}

/** How a view of now lies on a reference. */
export class Alignment {
  readonly grid: CellGrid;
  /** Of the whole view. */
  readonly shift: CellShift;
  /** 0: no better than chance. 1: every edge is found again. */
  readonly agreement: number;
  readonly #patches: readonly CellShift[];
  readonly #patchColumns: number;

  constructor(grid: CellGrid, shift: CellShift, patches: readonly CellShift[], agreement: number) {
    this.grid = grid;
    this.shift = shift;
    this.agreement = agreement;
    this.#patches = patches;
    this.#patchColumns = Math.ceil(grid.columns / PATCH_CELLS);
  }

  get isInLine(): boolean {
    return this.agreement >= LEAST_AGREEMENT;
  }

  /** The shift at a cell of now, and those of the patches around it: at the rim of something near, both are true. */
  shiftsAt(cell: number): CellShift[] {
    const [column, row] = this.#patchOf(cell);
    const own = this.#at(column, row);
    const found = [own];
    for (const [x, y] of [
      [column - 1, row],
      [column + 1, row],
      [column, row - 1],
      [column, row + 1],
    ] as const) {
      const other = this.#at(x, y);
      if (!found.some(({ dx, dy }) => dx === other.dx && dy === other.dy)) found.push(other);
    }
    return found;
  }

  shiftAt(cell: number): CellShift {
    const [column, row] = this.#patchOf(cell);
    return this.#at(column, row);
  }

  /** The reference's cell for a cell of now; -1 outside. */
  toReference(cell: number, { dx, dy }: CellShift = this.shiftAt(cell)): number {
    return movedCell(cell, -dx, -dy, this.grid);
  }

  /** The cell of now for a cell of the reference; -1 outside. */
  fromReference(cell: number): number {
    const first = movedCell(cell, this.shift.dx, this.shift.dy, this.grid);
    const { dx, dy } = this.shiftAt(first < 0 ? cell : first);
    return movedCell(cell, dx, dy, this.grid);
  }

  #patchOf(cell: number): [number, number] {
    const column = cell % this.grid.columns;
    const row = (cell - column) / this.grid.columns;
    return [Math.floor(column / PATCH_CELLS), Math.floor(row / PATCH_CELLS)];
  }

  #at(column: number, row: number): CellShift {
    const isInside = column >= 0 && column < this.#patchColumns && row >= 0;
    return (isInside ? this.#patches[row * this.#patchColumns + column] : undefined) ?? this.shift;
  }
}

/** Nothing is moved: for the view that a reference begins with. */
export function unmoved(grid: CellGrid): Alignment {
  return new Alignment(grid, { dx: 0, dy: 0 }, [], 1);
}

/** Brings `now` into line with a reference: the whole view first, then patch by patch. */
export function alignmentOf(now: EdgeMap, known: Uint8Array, reference: Reach): Alignment {
  const { grid } = now;
  const points = pointsOf(now, known);
  const step = Math.max(1, Math.floor(points.length / MOST_POINTS));
  const some = points.filter((_, index) => index % step === 0);
  const { shift, typical } = wholeShift(some, reference);
  const patches = patchShifts(points, reference, shift);
  const alignment = new Alignment(grid, shift, patches, 0);
  let found = 0;
  for (const point of some) {
    if (explains(reference, point, alignment.shiftAt(point.row * grid.columns + point.column))) found++;
  }
  const share = some.length === 0 ? 0 : found / some.length;
  return new Alignment(grid, shift, patches, (share - typical) / (1 - typical));
}

export function movedCell(cell: number, dx: number, dy: number, { columns, rows }: CellGrid): number {
  const column = (cell % columns) + dx;
  const row = Math.floor(cell / columns) + dy;
  return column < 0 || row < 0 || column >= columns || row >= rows ? -1 : row * columns + column;
}

function pointsOf({ grid, strength, direction }: EdgeMap, known: Uint8Array): Point[] {
  const points: Point[] = [];
  for (let cell = 0; cell < strength.length; cell++) {
    const value = strength[cell] ?? 0;
    if (value === 0 || known[cell] !== 1) continue;
    const column = cell % grid.columns;
    const row = (cell - column) / grid.columns;
    points.push({ column, row, direction: direction[cell] ?? 0, strength: value });
  }
  return points;
}

function explains(
  reference: Reach,
  { column, row, direction, strength }: Point,
  { dx, dy }: CellShift,
): boolean {
  const { columns, rows } = reference.grid;
  const [x, y] = [column - dx, row - dy];
  if (x < 0 || y < 0 || x >= columns || y >= rows) return false;
  return reference.knows(y * columns + x, direction, strength);
}

function countOf(points: readonly Point[], reference: Reach, shift: CellShift): number {
  let count = 0;
  for (const point of points) if (explains(reference, point, shift)) count++;
  return count;
}

/** The shift that explains most, and the share that the middle one of all explains: what chance alone does. */
function wholeShift(points: readonly Point[], reference: Reach): { shift: CellShift; typical: number } {
  let best: CellShift = { dx: 0, dy: 0 };
  let most = -1;
  const counts: number[] = [];
  for (let dy = -FARTHEST_DY; dy <= FARTHEST_DY; dy++) {
    for (let dx = -FARTHEST_DX; dx <= FARTHEST_DX; dx++) {
      const count = countOf(points, reference, { dx, dy });
      counts.push(count);
      if (count <= most) continue;
      most = count;
      best = { dx, dy };
    }
  }
  counts.sort((a, b) => a - b);
  const middle = counts[counts.length >> 1] ?? 0;
  return { shift: best, typical: points.length === 0 ? 0 : middle / points.length };
}

function patchShifts(points: readonly Point[], reference: Reach, whole: CellShift): CellShift[] {
  const { columns, rows } = reference.grid;
  const shifts: CellShift[] = [];
  for (let top = 0; top < rows; top += PATCH_CELLS) {
    for (let left = 0; left < columns; left += PATCH_CELLS) {
      const margin = PATCH_CELLS / 4;
      const own = points.filter(
        ({ column, row }) =>
          column >= left - margin &&
          column < left + PATCH_CELLS + margin &&
          row >= top - margin &&
          row < top + PATCH_CELLS + margin,
      );
      shifts.push(own.length < LEAST_EDGES ? whole : patchShift(own, reference, whole));
    }
  }
  return shifts;
}

function patchShift(points: readonly Point[], reference: Reach, whole: CellShift): CellShift {
  let best = whole;
  let most = countOf(points, reference, whole);
  for (let dy = -PARALLAX_DY; dy <= PARALLAX_DY; dy++) {
    for (let dx = -PARALLAX_DX; dx <= PARALLAX_DX; dx++) {
      const shift = { dx: whole.dx + dx, dy: whole.dy + dy };
      const cost = COST_OF_DEPARTURE * points.length * Math.max(Math.abs(dx), Math.abs(dy));
      const score = countOf(points, reference, shift) - cost;
      if (score <= most) continue;
      most = score;
      best = shift;
    }
  }
  return best;
}
