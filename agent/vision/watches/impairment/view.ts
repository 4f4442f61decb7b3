import { BANDS, type Energy, edgesOf, energyOf, medianOf, TILE_COLUMNS, TILE_ROWS, TILES } from './energy.ts';
import type { Level, Pyramid } from './pyramid.ts';

/** What a camera usually sees, as far as its own faults are told by it: contrasts, no picture that shows anybody. */
export interface View {
  readonly energy: Energy;
  /** About 80 columns: where the edges are. */
  readonly edges: Level;
  /** About 20 columns: where it is light and dark. */
  readonly coarse: Level;
}

/** How a picture compares with what is usual. */
export interface Comparison {
  /**
   * Amplitude of detail now over then, in the median tile that had any, finest first; null where too few had. Noise
   * is taken off as if it were that of the usual light (`most`), or grew as the light fell (`least`).
   */
  readonly most: readonly (number | null)[];
  readonly least: readonly (number | null)[];
  /** Correlation of light and dark, and by what factor its contrast has changed. */
  readonly correlation: number;
  readonly slope: number;
  /** Share of the tiles with edges then whose edges are where they were; null where there are too few. */
  readonly matched: number | null;
  /** Tiles with detail now, as a share of how many usually have some. */
  readonly ownDetail: number;
}

/** A contrast of 1 %, about one grey level of 100: anything below is quantisation. */
const LEAST_CONTRAST = 0.01;
/** Detail must have this many times the energy of noise to be believed. */
const OVER_NOISE = 3;
/** The quantile of detail that counts as usual. */
const LOW_SHARE = 0.25;
/** The scale by which tiles with and without detail are told apart: coarse enough to be free of noise. */
const MID = 1;
/** Fewer tiles than this tell nothing of the picture. */
const LEAST_TILES = TILES / 8;
/** Edges are where they were when their tile correlates this well; unrelated ones stay below. */
const SAME_EDGES = 0.4;
/** Cells by which a shaking or nudged camera may be off, about 2.5 % of the picture's width. */
const REACH = 2;

export function viewOf(pyramid: Pyramid): View {
  const [, edges = EMPTY, , coarse = EMPTY] = pyramid.levels;
  return {
    energy: energyOf(pyramid),
    edges: edgesOf(edges),
    coarse: { ...coarse, data: coarse.data.slice() },
  };
}

/**
 * What is usual by several views: of each tile the detail that three quarters of them exceed, so that what passed by
 * does not count, and the middle one of all else.
 */
export function usualOf(views: readonly View[]): View {
  const pick = (share: number, of: (view: View) => Float32Array | undefined) => {
    const [first = NONE] = views.map(of);
    return first.map((_, i) => {
      const values = views.map((view) => of(view)?.[i] ?? 0).sort((a, b) => a - b);
      return values[Math.floor(share * (values.length - 1))] ?? 0;
    });
  };
  const [last] = views.slice(-1);
  return {
    energy: Array.from({ length: BANDS }, (_, band) => pick(LOW_SHARE, (view) => view.energy[band])),
    edges: { ...(last?.edges ?? EMPTY), data: pick(0.5, (view) => view.edges.data) },
    coarse: { ...(last?.coarse ?? EMPTY), data: pick(0.5, (view) => view.coarse.data) },
  };
}

/**
 * Moves the usual view towards `now`, by `share` of the way where it is a mean; detail goes on being what three
 * quarters of the views exceed, since it falls three times as fast as it rises.
 */
export function follow(view: View, now: View, share: number): void {
  const move = (to: Float32Array, from: Float32Array) => {
    for (let i = 0; i < to.length; i++) to[i] = (to[i] ?? 0) + share * ((from[i] ?? 0) - (to[i] ?? 0));
  };
  view.energy.forEach((energies, band) => {
    energies.forEach((energy, tile) => {
      const isMore = (now.energy[band]?.[tile] ?? 0) > energy;
      energies[tile] = energy * Math.exp(2 * share * (isMore ? LOW_SHARE : LOW_SHARE - 1));
    });
  });
  move(view.edges.data, now.edges.data);
  move(view.coarse.data, now.coarse.data);
}

/** Whether `view` has detail in enough tiles to tell anything by. */
export const hasDetail = (view: View, noise: readonly number[]): boolean =>
  texturedTiles(view, MID, noise).length >= LEAST_TILES;

/** `noise`: energy by band as in the usual light; `flicker`: what changed since the look before, noise or more. */
export function compare(
  now: View,
  usual: View,
  noise: readonly number[],
  flicker: readonly number[] = noise,
): Comparison {
  const { correlation, slope } = likeness(now.coarse.data, usual.coarse.data);
  const darker = Math.max(1, Math.exp(2 * (meanOf(usual.coarse.data) - meanOf(now.coarse.data))));
  const bands = Array.from({ length: BANDS }, (_, band) => band);
  const noiseNow = noise.map((energy, band) => Math.max(energy * darker, flicker[band] ?? 0));
  const usually = texturedTiles(usual, MID, noise).length;
  return {
    most: bands.map((band) => detailRatio(now, usual, band, noise, 1)),
    least: bands.map((band) => detailRatio(now, usual, band, noise, darker)),
    correlation,
    slope,
    matched: matchedShare(now, usual, noise),
    ownDetail: texturedTiles(now, MID, noiseNow).length / Math.max(1, usually),
  };
}

function detailRatio(
  now: View,
  usual: View,
  band: number,
  noise: readonly number[],
  darker: number,
): number | null {
  const tiles = texturedTiles(usual, band, noise);
  if (tiles.length < LEAST_TILES) return null;
  const own = noise[band] ?? 0;
  const ratios = tiles.map((tile) => {
    const is = Math.max(0, (now.energy[band]?.[tile] ?? 0) - own * darker);
    return Math.sqrt(is / ((usual.energy[band]?.[tile] ?? 0) - own));
  });
  return medianOf(ratios);
}

function texturedTiles({ energy }: View, band: number, noise: readonly number[]): number[] {
  const least = LEAST_CONTRAST ** 2 + OVER_NOISE * (noise[band] ?? 0);
  const found: number[] = [];
  energy[band]?.forEach((value, tile) => {
    if (value > least) found.push(tile);
  });
  return found;
}

const meanOf = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Pearson's correlation and the slope of `now` on `then`. */
function likeness(now: Float32Array, then: Float32Array): { correlation: number; slope: number } {
  const sums = new Sums();
  for (let i = 0; i < then.length; i++) sums.add(now[i] ?? 0, then[i] ?? 0);
  return { correlation: sums.correlation, slope: sums.slope };
}

/** At the one shift of the whole picture that fits best; the unmoved one is enough when it fits already. */
function matchedShare(now: View, usual: View, noise: readonly number[]): number | null {
  const tiles = texturedTiles(usual, MID, noise);
  if (tiles.length < LEAST_TILES) return null;
  let best = shareAt(now.edges, usual.edges, tiles, 0, 0);
  for (let dy = -REACH; dy <= REACH && best < SAME_EDGES; dy++) {
    for (let dx = -REACH; dx <= REACH; dx++)
      best = Math.max(best, shareAt(now.edges, usual.edges, tiles, dx, dy));
  }
  return best;
}

function shareAt(now: Level, then: Level, tiles: readonly number[], dx: number, dy: number): number {
  let count = 0;
  for (const tile of tiles) if (tileCorrelation(now, then, tile, dx, dy) >= SAME_EDGES) count++;
  return count / tiles.length;
}

function tileCorrelation(now: Level, then: Level, tile: number, dx: number, dy: number): number {
  const { columns, rows } = then;
  const tileColumn = tile % TILE_COLUMNS;
  const tileRow = (tile - tileColumn) / TILE_COLUMNS;
  const sums = new Sums();
  const yEnd = Math.min(rows, rows - dy, Math.floor(((tileRow + 1) * rows) / TILE_ROWS));
  const xEnd = Math.min(columns, columns - dx, Math.floor(((tileColumn + 1) * columns) / TILE_COLUMNS));
  for (let y = Math.max(0, -dy, Math.floor((tileRow * rows) / TILE_ROWS)); y < yEnd; y++) {
    const xStart = Math.max(0, -dx, Math.floor((tileColumn * columns) / TILE_COLUMNS));
    for (let x = xStart; x < xEnd; x++) {
      sums.add(now.data[(y + dy) * columns + x + dx] ?? 0, then.data[y * columns + x] ?? 0);
    }
  }
  return sums.correlation;
}

/** Sums for correlation and regression. */
class Sums {
  #count = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #yy = 0;
  #xy = 0;

  add(x: number, y: number): void {
    this.#count++;
    this.#x += x;
    this.#y += y;
    this.#xx += x * x;
    this.#yy += y * y;
    this.#xy += x * y;
  }

  get correlation(): number {
    const spread = this.#spread(this.#xx, this.#x) * this.#spread(this.#yy, this.#y);
    return spread < 1e-9 ? 0 : this.#joint / Math.sqrt(spread);
  }

  get slope(): number {
    const spread = this.#spread(this.#yy, this.#y);
    return spread < 1e-9 ? 0 : this.#joint / spread;
  }

  get #joint(): number {
    return this.#count * this.#xy - this.#x * this.#y;
  }

  #spread(squares: number, sum: number): number {
    return Math.max(0, this.#count * squares - sum * sum);
  }
}

const NONE = new Float32Array(0);
const EMPTY: Level = { columns: 0, rows: 0, data: NONE };
