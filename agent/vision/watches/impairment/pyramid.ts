import type { Frame } from '#agent/ports/frames.ts';

/** Columns of the finest level, about: pixels of the camera are averaged to this before anything else. */
const FINEST_COLUMNS = 160;
export const LEVELS = 4;
/** Added before the logarithm, so that noise in the dark does not count as structure (grey levels). */
const OFFSET = 8;

export interface Level {
  readonly columns: number;
  readonly rows: number;
  readonly data: Float32Array;
}

/**
 * A picture as the logarithm of its light at about 160, 80, 40 and 20 columns. The logarithm turns a lamp's
 * brightness into a constant, so that what is compared are contrasts (Weber), whatever the light.
 */
export interface Pyramid {
  /** Finest first. */
  readonly levels: readonly Level[];
  /** Mean grey level. */
  readonly mean: number;
  /** Grey levels between the 5 % darkest and the 5 % brightest cells of the coarsest level. */
  readonly contrast: number;
}

export function pyramidOf(frame: Frame): Pyramid {
  const finest = reduced(frame);
  const coarse = halved(halved(halved(finest))).data;
  let sum = 0;
  for (const level of finest.data) sum += level;
  const sorted = coarse.slice().sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const levels: Level[] = [{ ...finest, data: finest.data.map((level) => Math.log(level + OFFSET)) }];
  for (let level = 1; level < LEVELS; level++) levels.push(halved(levels[level - 1] ?? finest));
  return { levels, mean: sum / finest.data.length, contrast: at(0.95) - at(0.05) };
}

/** The mean of each square of pixels; what does not fill eight cells at the right and below is left out. */
function reduced({ width, height, data }: Frame): Level {
  const by = Math.max(1, Math.round(width / FINEST_COLUMNS));
  const columns = Math.floor(width / by) & ~7;
  const rows = Math.floor(height / by) & ~7;
  const out = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = row * by; y < (row + 1) * by; y++) {
        const start = y * width + column * by;
        for (let i = start; i < start + by; i++) sum += data[i] ?? 0;
      }
      out[row * columns + column] = sum / (by * by);
    }
  }
  return { columns, rows, data: out };
}

function halved({ columns, rows, data }: Level): Level {
  const out = new Float32Array((columns >> 1) * (rows >> 1));
  for (let row = 0, at = 0; row < rows >> 1; row++) {
    for (let column = 0; column < columns >> 1; column++, at++) {
      const i = row * 2 * columns + column * 2;
      const upper = (data[i] ?? 0) + (data[i + 1] ?? 0);
      out[at] = (upper + (data[i + columns] ?? 0) + (data[i + columns + 1] ?? 0)) / 4;
    }
  }
  return { columns: columns >> 1, rows: rows >> 1, data: out };
}
