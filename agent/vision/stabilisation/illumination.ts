import type { Planes } from '../background/kernel/layout.ts';
import { GAIN_ONE, LEVEL, TILE_COLUMNS, TILE_ROWS } from '../background/kernel/steps.ts';

const TILES = TILE_COLUMNS * TILE_ROWS;
/** Log ratios are counted in bins of 0.01 from -LIMIT to LIMIT. */
const BIN = 0.01;
const LIMIT = 0.8;
const BINS = Math.round((2 * LIMIT) / BIN) + 1;
/** Darker background says little: noise and black level count for more than light there (grey levels). */
const DARK = 20;
/** About so many samples a picture: 150 a tile tell a median to half a percent in noise of σ 4. */
const SAMPLES = 7200;
/** A tile with fewer usable samples than this share takes the picture's median. */
const MIN_SHARE = 0.2;
/** No tile departs from the picture's median by more than this (log). */
const TILE_DEPARTURE = 0.35;
/** With less background than this share, foreground is looked at too: the light may have changed at once. */
const LITTLE_BACKGROUND = 0.5;
/** Of a change of light this share of the samples lies this near the median (log); of a crowd it does not. */
const AGREEING_SHARE = 0.6;
const AGREEING_LOG = 0.08;
/** Backgrounds are looked up by quarter levels. */
const QUARTER_SHIFT = Math.log2(LEVEL / 4);

/**
 * Undoes changes of light: 8×6 tiles, in each the median log ratio of picture to background over what is not
 * foreground, interpolated between the tiles. Lamps, clouds and the camera's own gain cancel; things do not,
 * since they cover less than half of what is left of a tile.
 */
export class Illumination {
  readonly width: number;
  readonly height: number;
  /** Log gain of each tile by which the light now exceeds the background's. */
  readonly logGain = new Float32Array(TILES);
  readonly #stride: number;
  /** For each tile a histogram of background and one of foreground; after the last tile those of the picture. */
  readonly #counts = new Uint16Array((TILES + 1) * 2 * BINS);
  readonly #sum = new Uint16Array(BINS);
  readonly #factors = new Float32Array(TILES);
  readonly #logs = new Float32Array(256 * 4);
  readonly #tileOfColumn: Uint8Array;
  /** For each column of pixels: how far it is between the middles of tiles, and which is to the left. */
  readonly #between: Float32Array;
  readonly #leftOf: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#stride = Math.max(1, Math.round(Math.sqrt((width * height) / SAMPLES)));
    this.#tileOfColumn = new Uint8Array(width);
    this.#between = new Float32Array(width);
    this.#leftOf = new Uint8Array(width);
    for (let i = 0; i < this.#logs.length; i++) this.#logs[i] = Math.log(Math.max(1, i / 4));
    for (let x = 0; x < width; x++) {
      const at = Math.min(TILE_COLUMNS - 1, Math.max(0, ((x + 0.5) * TILE_COLUMNS) / width - 0.5));
      this.#tileOfColumn[x] = Math.floor((x * TILE_COLUMNS) / width);
      this.#leftOf[x] = Math.min(TILE_COLUMNS - 2, Math.floor(at));
      this.#between[x] = at - (this.#leftOf[x] ?? 0);
    }
  }

  get bytes(): number {
    const small = [this.logGain, this.#factors, this.#sum, this.#tileOfColumn, this.#leftOf];
    const tables = [...small, this.#counts, this.#logs, this.#between];
    return tables.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Measures `picture` against `background` (in 1/LEVEL), leaving out what `foreground` marks, if it can. */
  measure(picture: Uint8Array, background: Int16Array, foreground: Uint8Array | null): void {
    this.#count(picture, background, foreground);
    const behind = this.#take(TILES, 'background');
    let overall = medianOf(this.#sum, behind);
    let which: 'background' | 'all' = 'background';
    const seen = this.#take(TILES, 'all');
    if (behind < LITTLE_BACKGROUND * seen && this.#agrees(seen)) {
      which = 'all';
      overall = medianOf(this.#sum, seen);
    }
    for (let tile = 0; tile < TILES; tile++) this.#measureTile(tile, which, overall);
  }

  #measureTile(tile: number, which: 'background' | 'all', overall: number): void {
    const all = this.#take(tile, 'all');
    const used = which === 'all' ? all : this.#take(tile, 'background');
    const own = used > 0 && used >= all * MIN_SHARE ? medianOf(this.#sum, used) : overall;
    this.logGain[tile] = Math.min(overall + TILE_DEPARTURE, Math.max(overall - TILE_DEPARTURE, own));
  }

  /** Writes for each row of tiles what the picture is multiplied with to look as in the background's light. */
  writeGains({ gains }: Planes): void {
    for (let tile = 0; tile < TILES; tile++) this.#factors[tile] = Math.exp(-(this.logGain[tile] ?? 0));
    this.#writeRows(gains, GAIN_ONE);
  }

  /** Writes what moves the background by `share` of the way to the light of now. */
  writeDrifts({ drifts }: Planes, share: number): void {
    for (let tile = 0; tile < TILES; tile++)
      this.#factors[tile] = Math.expm1(share * (this.logGain[tile] ?? 0));
    this.#writeRows(drifts, 32_768);
  }

  #count(picture: Uint8Array, background: Int16Array, foreground: Uint8Array | null): void {
    const { width, height } = this;
    const stride = this.#stride;
    const counts = this.#counts.fill(0);
    const logs = this.#logs;
    const tiles = this.#tileOfColumn;
    for (let y = stride >> 1; y < height; y += stride) {
      const row = Math.floor((y * TILE_ROWS) / height) * TILE_COLUMNS;
      for (let x = stride >> 1; x < width; x += stride) {
        const i = y * width + x;
        const level = background[i] ?? 0;
        if (level < DARK * LEVEL) continue;
        const was = logs[level >> QUARTER_SHIFT] ?? 0;
        const log = (logs[(picture[i] ?? 0) << 2] ?? 0) - was;
        const bin = (((log < -LIMIT ? -LIMIT : log > LIMIT ? LIMIT : log) + LIMIT) / BIN + 0.5) | 0;
        const half = foreground === null ? 0 : (foreground[i] ?? 0);
        const at = ((row + (tiles[x] ?? 0)) * 2 + half) * BINS + bin;
        counts[at] = (counts[at] ?? 0) + 1;
        const overall = (TILES * 2 + half) * BINS + bin;
        counts[overall] = (counts[overall] ?? 0) + 1;
      }
    }
  }

  /** Takes the histogram of a tile (`TILES`: of the picture) into the sum; answers how many samples it has. */
  #take(tile: number, which: 'background' | 'all'): number {
    const behind = tile * 2 * BINS;
    let samples = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const front = which === 'all' ? (this.#counts[behind + BINS + bin] ?? 0) : 0;
      const count = (this.#counts[behind + bin] ?? 0) + front;
      this.#sum[bin] = count;
      samples += count;
    }
    return samples;
  }

  /** Whether what is summed up changed by nearly one factor. */
  #agrees(total: number): boolean {
    const median = medianOf(this.#sum, total);
    let near = 0;
    for (let bin = 0; bin < BINS; bin++) {
      if (Math.abs(bin * BIN - LIMIT - median) <= AGREEING_LOG) near += this.#sum[bin] ?? 0;
    }
    return near >= AGREEING_SHARE * total;
  }

  /** Writes the factors of the tiles, interpolated across, in units of 1/`one`. */
  #writeRows(out: Int16Array, one: number): void {
    const { width } = this;
    for (let row = 0; row < TILE_ROWS; row++) {
      for (let x = 0; x < width; x++) {
        const tile = row * TILE_COLUMNS + (this.#leftOf[x] ?? 0);
        const from = this.#factors[tile] ?? 1;
        const factor = from + ((this.#factors[tile + 1] ?? 1) - from) * (this.#between[x] ?? 0);
        const value = Math.round(factor * one);
        out[row * width + x] = value > 32_767 ? 32_767 : value;
      }
    }
  }
}

/** Writes for each row of pixels between which rows of tiles it lies; once a picture size. */
export function writeTileRows({ rows, height }: Planes): void {
  for (let y = 0; y < height; y++) {
    const at = Math.min(TILE_ROWS - 1, Math.max(0, ((y + 0.5) * TILE_ROWS) / height - 0.5));
    const above = Math.min(TILE_ROWS - 2, Math.floor(at));
    rows[y * 2] = above;
    rows[y * 2 + 1] = Math.min(32_767, Math.round((at - above) * 32_768));
  }
}

/** The median log ratio of a histogram of `total` samples, between the bins; 0 when it is empty. */
function medianOf(histogram: Uint16Array, total: number): number {
  if (total === 0) return 0;
  let below = 0;
  for (let bin = 0; bin < histogram.length; bin++) {
    const count = histogram[bin] ?? 0;
    if ((below + count) * 2 >= total && count > 0) {
      return (bin - 0.5 + (total / 2 - below) / count) * BIN - LIMIT;
    }
    below += count;
  }
  return 0;
}
