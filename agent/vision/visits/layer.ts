import type { Alignment } from './alignment.ts';
import { type CellGrid, type EdgeMap, isParallel, tileColumns, tileOf, tileRows } from './edge-map.ts';
import type { Edges } from './reach.ts';

/** What a whole stay has shown: edges that were there most of the time, and where one could see. */
export interface StayEdges {
  readonly map: EdgeMap;
  /** 1 for cells that were background and free to be seen. */
  readonly known: Uint8Array;
}

const MOST = 15;
/** How far from where it was an edge may be found again (cells): what parallax leaves after alignment. */
const FOUND_WITHIN = 2;

/**
 * The edges of a view in one light, collected over visits. Each has the count of visits that saw it; one that
 * stays away longer than it was there is forgotten.
 */
export class Layer implements Edges {
  readonly grid: CellGrid;
  /** The logarithm to base 2 of the mean level in whose light it was collected. */
  light: number;
  visits = 0;
  readonly strength: Uint8Array;
  readonly direction: Uint8Array;
  /** Visits that saw this edge. */
  readonly support: Uint8Array;
  /** Visits since then in which it was not there though it could have been seen. */
  readonly missed: Uint8Array;
  /** Visits in which this cell could be seen. */
  readonly known: Uint8Array;
  /** The weakest strength that could be told from noise, by tile; of the visit that saw worst. */
  readonly floor: Uint8Array;

  constructor(grid: CellGrid, light: number) {
    const cells = grid.columns * grid.rows;
    this.grid = grid;
    this.light = light;
    this.strength = new Uint8Array(cells);
    this.direction = new Uint8Array(cells);
    this.support = new Uint8Array(cells);
    this.missed = new Uint8Array(cells);
    this.known = new Uint8Array(cells);
    this.floor = new Uint8Array(tileColumns(grid) * tileRows(grid));
  }

  /** Adds a visit; cells marked in `barred` (of the reference) are neither learned nor missed. */
  learn({ map, known }: StayEdges, alignment: Alignment, barred: Uint8Array): void {
    const seen = new Uint8Array(known.length);
    for (let cell = 0; cell < known.length; cell++) {
      const now = alignment.fromReference(cell);
      if (now >= 0 && known[now] === 1 && barred[cell] !== 1) seen[cell] = 1;
    }
    const found = this.#find({ map, known }, alignment, seen);
    this.#miss(seen, found);
    for (let cell = 0; cell < seen.length; cell++) {
      if (seen[cell] === 1) this.known[cell] = Math.min(MOST, (this.known[cell] ?? 0) + 1);
    }
    for (let tile = 0; tile < this.floor.length; tile++) {
      this.floor[tile] = Math.max(this.floor[tile] ?? 0, map.floor[tile] ?? 0);
    }
    this.visits++;
  }

  /** Supports the edges seen again and takes in new ones; answers which cells were among them. */
  #find({ map, known }: StayEdges, alignment: Alignment, seen: Uint8Array): Uint8Array {
    const found = new Uint8Array(seen.length);
    for (let now = 0; now < known.length; now++) {
      const strength = map.strength[now] ?? 0;
      if (strength === 0 || known[now] !== 1) continue;
      const at = alignment.toReference(now);
      if (at < 0 || seen[at] !== 1) continue;
      const direction = map.direction[now] ?? 0;
      const old = this.#nearest(at, direction, found);
      if (old >= 0) {
        found[old] = 1;
        this.support[old] = Math.min(MOST, (this.support[old] ?? 0) + 1);
        this.strength[old] = Math.max(strength, (this.strength[old] ?? 0) - 1);
        this.missed[old] = 0;
      } else if (found[at] !== 1 && (this.support[at] ?? 0) <= 1) {
        found[at] = 1;
        this.support[at] = 1;
        this.strength[at] = strength;
        this.direction[at] = direction;
        this.missed[at] = 0;
      }
    }
    return found;
  }

  /** The nearest edge of this direction not yet found at this visit; -1 where there is none. */
  #nearest(at: number, direction: number, found: Uint8Array): number {
    const { columns, rows } = this.grid;
    const column = at % columns;
    const row = (at - column) / columns;
    let best = -1;
    let nearest = Number.POSITIVE_INFINITY;
    for (let y = Math.max(0, row - FOUND_WITHIN); y <= Math.min(rows - 1, row + FOUND_WITHIN); y++) {
      for (
        let x = Math.max(0, column - FOUND_WITHIN);
        x <= Math.min(columns - 1, column + FOUND_WITHIN);
        x++
      ) {
        const cell = y * columns + x;
        if ((this.support[cell] ?? 0) === 0 || found[cell] === 1) continue;
        const distance = Math.abs(x - column) + Math.abs(y - row);
        if (distance >= nearest || !isParallel(this.direction[cell] ?? 0, direction)) continue;
        nearest = distance;
        best = cell;
      }
    }
    return best;
  }

  #miss(seen: Uint8Array, found: Uint8Array): void {
    for (let cell = 0; cell < seen.length; cell++) {
      const support = this.support[cell] ?? 0;
      if (support === 0 || found[cell] === 1 || seen[cell] !== 1) continue;
      const missed = (this.missed[cell] ?? 0) + 1;
      this.missed[cell] = missed;
      if (missed <= support) continue;
      this.support[cell] = 0;
      this.strength[cell] = 0;
      this.missed[cell] = 0;
    }
  }

  floorAt(cell: number): number {
    return this.floor[tileOf(cell, this.grid)] ?? 0;
  }
}
