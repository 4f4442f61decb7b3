import type { Rect } from '../tracking/rect.ts';

/** A row of square blocks. */
export interface BlockRow {
  readonly top: number;
  readonly sidePx: number;
  readonly columns: number;
  /** Index of its first block. */
  readonly first: number;
}

/** Height in pixels of a person whose feet are at a row. */
export interface HeightByRow {
  heightAt(row: number): number;
}

/**
 * A block is at least this share of the height of a person whose head is there. A head with its hair is 0.130 of
 * a person (Drillis and Contini 1966) and two thirds of that wide: it touches two or three blocks of nine.
 */
const BLOCK_OF_PERSON = 1 / 8;
/** And at least this share of the picture's width, for people farther away than the scale believes in. */
const BLOCK_OF_WIDTH = 1 / 40;
/** A scale that has grown by more than this asks for a coarser grid. */
const TOLERANCE = 1.25;

/** Square blocks in rows, fixed to the picture: small where people are far away, large where they are near. */
export class BlockGrid {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly BlockRow[];
  /** How many blocks. */
  readonly size: number;
  /** For each row of pixels its row of blocks. */
  readonly #rowOf: Uint16Array;

  constructor(width: number, height: number, scale: HeightByRow) {
    this.width = width;
    this.height = height;
    this.#rowOf = new Uint16Array(height);
    const rows: BlockRow[] = [];
    let first = 0;
    for (let top = 0; top < height; ) {
      const sidePx = sideAt(top, width, height, scale);
      const columns = Math.ceil(width / sidePx);
      this.#rowOf.fill(rows.length, top, Math.min(height, top + sidePx));
      rows.push({ top, sidePx, columns, first });
      first += columns;
      top += sidePx;
    }
    this.rows = rows;
    this.size = first;
  }

  /** Whether people have turned out so much larger that these blocks would show too much of them. */
  isTooFine(scale: HeightByRow): boolean {
    return this.rows.some(
      ({ top, sidePx }) => sideAt(top, this.width, this.height, scale) > TOLERANCE * sidePx + 1,
    );
  }

  rowAt(y: number): BlockRow {
    const row = this.rows[this.#rowOf[y] ?? 0];
    if (row === undefined) throw new RangeError(`no row of blocks at ${y}`);
    return row;
  }

  /** The block of a pixel. */
  at(x: number, y: number): number {
    const { first, sidePx } = this.rowAt(y);
    return first + Math.floor(x / sidePx);
  }

  /** The pixels of a block. */
  rectOf(block: number): Rect {
    const row = this.rows.findLast(({ first }) => first <= block);
    if (row === undefined) throw new RangeError(`no block ${block}`);
    const left = (block - row.first) * row.sidePx;
    return {
      left,
      top: row.top,
      right: Math.min(this.width, left + row.sidePx),
      bottom: Math.min(this.height, row.top + row.sidePx),
    };
  }

  /** The blocks that `rect` touches, in order. */
  *touchedBy(rect: Rect): Generator<number> {
    for (const { top, sidePx, columns, first } of this.rows) {
      if (top >= rect.bottom || top + sidePx <= rect.top) continue;
      const last = Math.min(columns - 1, Math.floor((rect.right - 1) / sidePx));
      for (let column = Math.max(0, Math.floor(rect.left / sidePx)); column <= last; column++) {
        yield first + column;
      }
    }
  }
}

/** The side of blocks whose upper edge is at `top`, so that they are coarse enough at their lower edge too. */
function sideAt(top: number, width: number, height: number, scale: HeightByRow): number {
  const least = Math.max(4, Math.ceil(width * BLOCK_OF_WIDTH));
  const first = Math.ceil(personWithHeadAt(top, height, scale) * BLOCK_OF_PERSON);
  return Math.max(least, Math.ceil(personWithHeadAt(top + first, height, scale) * BLOCK_OF_PERSON));
}

/** How tall the person is whose head is at row `y`: the nearest whose feet are still in the picture. */
function personWithHeadAt(y: number, height: number, scale: HeightByRow): number {
  for (let feet = y; feet < height; feet++) {
    const tall = scale.heightAt(feet);
    if (feet - tall >= y) return tall;
  }
  return scale.heightAt(height);
}
