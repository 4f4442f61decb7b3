const COLUMNS = 8;
const ROWS = 6;
/** Log ratios are counted in bins of 0.01 from -LIMIT to LIMIT. */
const BIN = 0.01;
const LIMIT = 0.8;
const BINS = Math.round((2 * LIMIT) / BIN) + 1;
/** Added to both sides of a ratio so that noise in the dark does not count as light. */
const OFFSET = 8;
/** A tile with fewer usable samples than this share takes the picture's median. */
const MIN_SHARE = 0.2;
/** No tile departs from the picture's median by more than this (log). */
const TILE_DEPARTURE = 0.35;

/**
 * Undoes changes of light: 8×6 tiles, in each the median log ratio of picture to background over what is not
 * foreground, interpolated between the tiles. Lamps, clouds and the camera's own gain cancel; things do not,
 * since they cover less than half of what is left of a tile.
 */
export class Illumination {
  readonly width: number;
  readonly height: number;
  /** Log gain of each tile by which the light now exceeds the background's. */
  readonly logGain = new Float32Array(COLUMNS * ROWS);
  #histogram = new Int32Array(BINS);
  #total = new Int32Array(BINS);
  #logs = new Float32Array(256 * 4 + 1);
  #factors = new Float32Array(COLUMNS);

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    for (let i = 0; i < this.#logs.length; i++) this.#logs[i] = Math.log(i / 4 + OFFSET);
  }

  /** Measures `data` against `background`, leaving out pixels marked in `foreground`. */
  measure(data: Uint8Array, background: Float32Array, foreground: Uint8Array): void {
    this.#total.fill(0);
    const known: boolean[] = [];
    for (let tile = 0; tile < COLUMNS * ROWS; tile++) {
      known.push(this.#measureTile(tile, data, background, foreground));
    }
    const overall = medianOf(this.#total);
    for (let tile = 0; tile < COLUMNS * ROWS; tile++) {
      const own = known[tile] ? (this.logGain[tile] ?? 0) : overall;
      this.logGain[tile] = Math.min(overall + TILE_DEPARTURE, Math.max(overall - TILE_DEPARTURE, own));
    }
  }

  #measureTile(tile: number, data: Uint8Array, background: Float32Array, foreground: Uint8Array): boolean {
    const { width, height } = this;
    const column = tile % COLUMNS;
    const row = (tile - column) / COLUMNS;
    const histogram = this.#histogram.fill(0);
    const x1 = Math.floor(((column + 1) * width) / COLUMNS);
    const y1 = Math.floor(((row + 1) * height) / ROWS);
    let used = 0;
    let seen = 0;
    for (let y = Math.floor((row * height) / ROWS); y < y1; y += 2) {
      for (let x = Math.floor((column * width) / COLUMNS); x < x1; x += 2) {
        const i = y * width + x;
        seen++;
        if (foreground[i] === 1) continue;
        const was = this.#logs[Math.round((background[i] ?? 0) * 4)] ?? 0;
        const now = this.#logs[(data[i] ?? 0) * 4] ?? 0;
        const bin = Math.round((Math.min(LIMIT, Math.max(-LIMIT, now - was)) + LIMIT) / BIN);
        histogram[bin] = (histogram[bin] ?? 0) + 1;
        used++;
      }
    }
    for (let bin = 0; bin < BINS; bin++) this.#total[bin] = (this.#total[bin] ?? 0) + (histogram[bin] ?? 0);
    this.logGain[tile] = medianOf(histogram);
    return used >= seen * MIN_SHARE;
  }

  /** Writes `data` as it would look in the background's light into `out`. */
  compensate(data: Uint8Array, out: Float32Array): void {
    const { width, height } = this;
    for (let y = 0; y < height; y++) {
      this.#rowFactors(y, -1);
      for (let x = 0, i = y * width; x < width; x++, i++) {
        out[i] = Math.min(255, (data[i] ?? 0) * this.#factorAt(x));
      }
    }
  }

  /** Moves `background` by `share` of the way to the light of now, so that dusk does not run out of range. */
  absorb(background: Float32Array, share: number): void {
    const { width, height } = this;
    for (let y = 0; y < height; y++) {
      this.#rowFactors(y, share);
      for (let x = 0, i = y * width; x < width; x++, i++) {
        background[i] = Math.min(255, (background[i] ?? 0) * this.#factorAt(x));
      }
    }
  }

  /** exp(power × log gain) at row `y` for each column of tiles. */
  #rowFactors(y: number, power: number): void {
    const at = Math.min(ROWS - 1, Math.max(0, ((y + 0.5) * ROWS) / this.height - 0.5));
    const upper = Math.min(ROWS - 2, Math.floor(at));
    const weight = at - upper;
    for (let column = 0; column < COLUMNS; column++) {
      const above = this.logGain[upper * COLUMNS + column] ?? 0;
      const below = this.logGain[(upper + 1) * COLUMNS + column] ?? 0;
      this.#factors[column] = Math.exp(power * (above + (below - above) * weight));
    }
  }

  #factorAt(x: number): number {
    const at = Math.min(COLUMNS - 1, Math.max(0, ((x + 0.5) * COLUMNS) / this.width - 0.5));
    const left = Math.min(COLUMNS - 2, Math.floor(at));
    const from = this.#factors[left] ?? 1;
    return from + ((this.#factors[left + 1] ?? 1) - from) * (at - left);
  }
}

/** The median log ratio of a histogram of bins; 0 when it is empty. */
function medianOf(histogram: Int32Array): number {
  let total = 0;
  for (const count of histogram) total += count;
  if (total === 0) return 0;
  let below = 0;
  for (let bin = 0; bin < histogram.length; bin++) {
    below += histogram[bin] ?? 0;
    if (below * 2 >= total) return bin * BIN - LIMIT;
  }
  return 0;
}
