import type { SceneView } from '../scene-view.ts';
import { heightOf, type Rect, widthOf } from '../tracking/rect.ts';
import type { BlockGrid } from './block-grid.ts';
import { coverOf, MOVING, PLACE, THING } from './mosaic.ts';

/** Every second pixel of every second row is looked at; a block is covered from this many of those on. */
const STEP = 2;
const MIN_SAMPLES = 2;

/** Shares of a person's height: what is taller is somebody, how wide a box is, how tall, and how much of it is head. */
const SMALLEST_PERSON = 0.25;
const BOX_WIDTH = 0.4;
const BOX_HEIGHT = 1.15;
const HEAD = 0.4;

/**
 * Which blocks are covered by what has come in, and in what tone. All blocks that hang together share one tone:
 * a pattern within them, such as a face, changes nothing of what is stored. The tone is two bits of the mean of
 * what is no head.
 */
export class Cover {
  readonly #grid: BlockGrid;
  readonly #foreground: Uint16Array;
  readonly #moving: Uint16Array;
  readonly #sums: Uint32Array;
  readonly #queue: Uint16Array;
  readonly #seen: Uint8Array;
  /** 1 where somebody's head may be: that does not count for the tone. */
  readonly #heads: Uint8Array;

  constructor(grid: BlockGrid) {
    this.#grid = grid;
    this.#foreground = new Uint16Array(grid.size);
    this.#moving = new Uint16Array(grid.size);
    this.#sums = new Uint32Array(grid.size);
    this.#queue = new Uint16Array(grid.size);
    this.#seen = new Uint8Array(grid.size);
    this.#heads = new Uint8Array(grid.size);
  }

  /** Writes into `cover` what each block is covered by, and in what tone. */
  draw(view: SceneView, picture: Uint8Array, cover: Uint8Array): void {
    this.#count(view, picture);
    for (let block = 0; block < this.#grid.size; block++) {
      if ((this.#moving[block] ?? 0) >= MIN_SAMPLES) cover[block] = MOVING;
      else cover[block] = (this.#foreground[block] ?? 0) >= MIN_SAMPLES ? THING : PLACE;
    }
    this.#coverPeople(view, cover);
    this.#seen.fill(0);
    for (let block = 0; block < this.#grid.size; block++) {
      if (cover[block] !== PLACE && this.#seen[block] === 0) this.#tone(block, cover);
    }
  }

  #count({ background, width, height }: SceneView, picture: Uint8Array): void {
    const { foreground, moving } = background;
    this.#foreground.fill(0);
    this.#moving.fill(0);
    this.#sums.fill(0);
    for (let y = 0; y < height; y += STEP) {
      const { first, sidePx } = this.#grid.rowAt(y);
      for (let x = 0, i = y * width; x < width; x += STEP, i += STEP) {
        // What moves but is not new is the trace that somebody has left in the short background.
        if (foreground[i] !== 1) continue;
        const block = first + Math.floor(x / sidePx);
        this.#foreground[block] = (this.#foreground[block] ?? 0) + 1;
        this.#sums[block] = (this.#sums[block] ?? 0) + (picture[i] ?? 0);
        if (moving[i] === 1) this.#moving[block] = (this.#moving[block] ?? 0) + 1;
      }
    }
  }

  /**
   * Whoever is followed covers their blocks also while they keep still, and all blocks of a box as large as a person
   * on their feet: so what of a head stands out from the wall behind it, and what not, is not to be seen.
   */
  #coverPeople({ movers, grid, scale, width, height, t }: SceneView, cover: Uint8Array): void {
    this.#heads.fill(0);
    for (const { component, rect, lastT } of movers) {
      if (lastT !== t) continue;
      for (const cell of component.cells) {
        const column = cell % grid.columns;
        cover[this.#grid.at(column * 2, ((cell - column) / grid.columns) * 2)] = MOVING;
      }
      const person = scale.heightAt(rect.bottom);
      if (heightOf(rect) < SMALLEST_PERSON * person) continue;
      const box = boxOf(rect, person, width, height);
      for (const block of this.#grid.touchedBy(box)) cover[block] = MOVING;
      const head = { ...box, bottom: Math.max(box.top + HEAD * person, rect.top + HEAD * heightOf(rect)) };
      for (const block of this.#grid.touchedBy(head)) this.#heads[block] = 1;
    }
  }

  /** Gives all blocks that hang together with `start` the tone of their common mean. */
  #tone(start: number, cover: Uint8Array): void {
    const queue = this.#queue;
    let [length, sum, count] = [1, 0, 0];
    queue[0] = start;
    this.#seen[start] = 1;
    for (let at = 0; at < length; at++) {
      const block = queue[at] ?? 0;
      if (this.#heads[block] === 0) {
        sum += this.#sums[block] ?? 0;
        count += this.#foreground[block] ?? 0;
      }
      for (const next of this.#around(block)) {
        if (this.#seen[next] === 1 || cover[next] === PLACE) continue;
        this.#seen[next] = 1;
        queue[length++] = next;
      }
    }
    const mean = count === 0 ? 128 : sum / count;
    for (let at = 0; at < length; at++) {
      const block = queue[at] ?? 0;
      cover[block] = coverOf(cover[block] ?? MOVING, mean);
    }
  }

  /** The blocks that touch a block, also by a corner. */
  *#around(block: number): Generator<number> {
    const { rows } = this.#grid;
    const index = rows.findLastIndex(({ first }) => first <= block);
    const own = rows[index];
    if (own === undefined) return;
    const left = (block - own.first) * own.sidePx;
    for (const row of [rows[index - 1], own, rows[index + 1]]) {
      if (row === undefined) continue;
      const from = Math.max(0, Math.floor((left - 1) / row.sidePx));
      const to = Math.min(row.columns - 1, Math.floor((left + own.sidePx) / row.sidePx));
      for (let column = from; column <= to; column++) yield row.first + column;
    }
  }
}

/** As large as a person on these feet, and at least as wide as what was seen of them. */
function boxOf(rect: Rect, person: number, width: number, height: number): Rect {
  const half = Math.max(widthOf(rect), BOX_WIDTH * person) / 2;
  const middle = (rect.left + rect.right) / 2;
  return {
    left: Math.max(0, Math.floor(middle - half)),
    right: Math.min(width, Math.ceil(middle + half)),
    top: Math.max(0, Math.floor(Math.min(rect.top, rect.bottom - BOX_HEIGHT * person))),
    bottom: Math.min(height, rect.bottom),
  };
}
