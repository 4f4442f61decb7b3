import type { BlockGrid } from './block-grid.ts';

/** Grey levels of a block: at most this many over the range of the scene, and never finer than `MIN_STEP`. */
const LEVELS = 7;
const MIN_STEP = 24;
/** While nobody knows yet who in the scene would move, levels are coarser by this factor. */
const UNKNOWN_COARSER = 2;
/** A block takes the median of its neighbours so many blocks away in each direction. */
const REACH = 1;
/** A level is held until the block has left it by this much of a step: noise around a border tells nothing. */
const HOLD = 0.75;

/** Reads the long background at a pixel, in grey levels. */
export type BackgroundLevel = (pixel: number) => number;

/**
 * The place without whoever is in it: one coarse grey level a block, from the long background alone. Somebody may
 * have stood there since before the camera began, so each block takes the median of itself and its neighbours: what
 * is smaller than four of nine blocks, as a head mostly is, gives way to what is around it. A level is held, so that a
 * hundred pictures tell no more of a block than one does.
 */
export class PlaceLevels {
  readonly grid: BlockGrid;
  readonly levels: Uint8Array;
  readonly #means: Float32Array;
  readonly #medians: Float32Array;
  readonly #around = new Float32Array((2 * REACH + 1) ** 2);
  #step = 0;
  #isCoarse = false;

  constructor(grid: BlockGrid) {
    this.grid = grid;
    this.levels = new Uint8Array(grid.size);
    this.#means = new Float32Array(grid.size);
    this.#medians = new Float32Array(grid.size);
  }

  /** Follows the background; `knowledge` says whether all who moved have been seen to move. */
  follow(background: BackgroundLevel, knowledge: 'unknown' | 'known'): void {
    this.#measure(background);
    this.#smooth();
    const isCoarse = knowledge === 'unknown';
    const isFirst = this.#step === 0;
    if (isFirst || isCoarse !== this.#isCoarse) {
      this.#step = stepOver(this.#medians) * (isCoarse ? UNKNOWN_COARSER : 1);
      this.#isCoarse = isCoarse;
      for (let block = 0; block < this.levels.length; block++) this.#set(block);
      return;
    }
    for (let block = 0; block < this.levels.length; block++) {
      const held = this.levels[block] ?? 0;
      if (Math.abs((this.#medians[block] ?? 0) - held) > HOLD * this.#step) this.#set(block);
    }
  }

  #set(block: number): void {
    const index = Math.floor((this.#medians[block] ?? 0) / this.#step);
    this.levels[block] = Math.min(255, Math.round((index + 0.5) * this.#step));
  }

  #smooth(): void {
    const { rows } = this.grid;
    rows.forEach((row, index) => {
      for (let column = 0; column < row.columns; column++) {
        this.#medians[row.first + column] = this.#medianAround(
          index,
          (column + 0.5) * row.sidePx,
          row.sidePx,
        );
      }
    });
  }

  /** The median of the means around a block, those at the border counted again for those beyond it. */
  #medianAround(index: number, x: number, sidePx: number): number {
    const { rows } = this.grid;
    let n = 0;
    for (let r = index - REACH; r <= index + REACH; r++) {
      const row = rows[Math.min(rows.length - 1, Math.max(0, r))];
      if (row === undefined) continue;
      for (let step = -REACH; step <= REACH; step++) {
        const column = Math.floor((x + step * sidePx) / row.sidePx);
        this.#around[n++] = this.#means[row.first + Math.min(row.columns - 1, Math.max(0, column))] ?? 0;
      }
    }
    return this.#around.sort()[n >> 1] ?? 0;
  }

  #measure(background: BackgroundLevel): void {
    const { width, height, rows } = this.grid;
    for (const { top, sidePx, columns, first } of rows) {
      const bottom = Math.min(height, top + sidePx);
      for (let column = 0; column < columns; column++) {
        const left = column * sidePx;
        const right = Math.min(width, left + sidePx);
        let sum = 0;
        for (let y = top; y < bottom; y++) {
          for (let i = y * width + left; i < y * width + right; i++) sum += background(i);
        }
        this.#means[first + column] = sum / ((bottom - top) * (right - left));
      }
    }
  }
}

/** A step that spreads the scene's own range, without its darkest and brightest twentieth, over `LEVELS`. */
function stepOver(means: Float32Array): number {
  const sorted = means.slice().sort();
  const low = sorted[Math.floor(sorted.length * 0.05)] ?? 0;
  const high = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  return Math.max(MIN_STEP, Math.ceil((high - low) / LEVELS));
}
