import { LEVEL } from './kernel/steps.ts';

/** A scene that was away for longer is learned anew: too much of it may be otherwise by now. */
const KEPT_S = 600;
/** Gradients of one scene agree at least so well, with people about; those of two have nothing in common. */
const MIN_LIKENESS = 0.6;
/** More than this (log) between the light of then and of now cannot be undone. */
const MAX_LIGHT = 0.7;
/** Not twice within this: where the picture did not fit after all, the scene is learned anew. */
const PAUSE_S = 10;
const BLOCK = 4;

/**
 * The background of the scene before this one. Something is held before the lens, the lamps go out for a minute, the
 * camera is turned away and back: then what stood there still stands there, and must not become background.
 */
export class FormerScene {
  readonly #width: number;
  readonly #long: Int16Array;
  #keptT: number | null = null;
  #backT = Number.NEGATIVE_INFINITY;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#long = new Int16Array(width * height);
  }

  get bytes(): number {
    return this.#long.byteLength;
  }

  /** Since when it has been away; null where none is kept. */
  get keptT(): number | null {
    return this.#keptT;
  }

  isKept(t: number): boolean {
    return this.#keptT !== null && t - this.#keptT <= KEPT_S;
  }

  keep(long: Int16Array, t: number): void {
    this.#long.set(long);
    this.#keptT = t;
  }

  /** The background of then, in 1/LEVEL, when `picture` shows that scene again; it is then no longer kept. */
  takeIfBack(picture: Uint8Array, t: number): Int16Array | null {
    if (!this.isKept(t) || t - this.#backT < PAUSE_S) return null;
    const then = blocksOf(this.#long, this.#width, LEVEL);
    const now = blocksOf(picture, this.#width, 1);
    const light = Math.log((1 + meanOf(now)) / (1 + meanOf(then)));
    if (Math.abs(light) > MAX_LIGHT) return null;
    if (likeness(then, now, Math.floor(this.#width / BLOCK)) < MIN_LIKENESS) return null;
    this.#backT = t;
    this.#keptT = null;
    return this.#long;
  }
}

/** Means of 4×4 pixels, so that noise says little; in grey levels where `unit` is one. */
function blocksOf(plane: Int16Array | Uint8Array, width: number, unit: number): Float32Array {
  const columns = Math.floor(width / BLOCK);
  const rows = Math.floor(plane.length / width / BLOCK);
  const blocks = new Float32Array(columns * rows);
  for (let y = 0; y < rows * BLOCK; y++) {
    for (let x = 0; x < columns * BLOCK; x++) {
      const at = Math.floor(y / BLOCK) * columns + Math.floor(x / BLOCK);
      blocks[at] = (blocks[at] ?? 0) + (plane[y * width + x] ?? 0) / unit / BLOCK ** 2;
    }
  }
  return blocks;
}

const meanOf = (blocks: Float32Array): number =>
  blocks.reduce((sum, level) => sum + level, 0) / Math.max(1, blocks.length);

/** Correlation of the gradients, -1 to 1: whatever the light, edges are where they were. */
function likeness(a: Float32Array, b: Float32Array, columns: number): number {
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i + columns < a.length; i++) {
    for (const next of [i + 1, i + columns]) {
      if (next === i + 1 && next % columns === 0) continue;
      const da = (a[next] ?? 0) - (a[i] ?? 0);
      const db = (b[next] ?? 0) - (b[i] ?? 0);
      aa += da * da;
      bb += db * db;
      ab += da * db;
    }
  }
  return ab / Math.sqrt(aa * bb + 1e-9);
}
