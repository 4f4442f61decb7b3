import type { Level, Pyramid } from './pyramid.ts';

export const TILE_COLUMNS = 8;
export const TILE_ROWS = 6;
export const TILES: number = TILE_COLUMNS * TILE_ROWS;
/** Detail is measured at the three finest levels. */
export const BANDS = 3;

/** Mean squared contrast by band and tile. */
export type Energy = readonly Float32Array[];

/**
 * How much detail there is, by scale and tile: the mean squared second difference along rows and columns. Of an
 * edge blurred to σ cells it keeps σ to the power -3 (of a first difference only the power -1), so that a lens out
 * of focus shows. Where the picture is moved a little the energy stays what it was.
 */
export function energyOf({ levels }: Pyramid): Energy {
  return levels.slice(0, BANDS).map(bandEnergy);
}

function bandEnergy({ columns, rows, data }: Level): Float32Array {
  const energy = new Float32Array(TILES);
  const counts = new Float32Array(TILES);
  for (let row = 1; row + 1 < rows; row++) {
    const tileRow = Math.floor((row * TILE_ROWS) / rows) * TILE_COLUMNS;
    for (let column = 1; column + 1 < columns; column++) {
      const tile = tileRow + Math.floor((column * TILE_COLUMNS) / columns);
      const i = row * columns + column;
      const twice = 2 * (data[i] ?? 0);
      const across = twice - (data[i - 1] ?? 0) - (data[i + 1] ?? 0);
      const down = twice - (data[i - columns] ?? 0) - (data[i + columns] ?? 0);
      energy[tile] = (energy[tile] ?? 0) + (across * across + down * down) / 2;
      counts[tile] = (counts[tile] ?? 0) + 1;
    }
  }
  return energy.map((sum, tile) => sum / Math.max(1, counts[tile] ?? 0));
}

/** The second differences of a level, where its edges are; 0 along the border. */
export function edgesOf({ columns, rows, data }: Level): Level {
  const out = new Float32Array(data.length);
  for (let row = 1; row + 1 < rows; row++) {
    for (let i = row * columns + 1; i < (row + 1) * columns - 1; i++) {
      const around = (data[i - 1] ?? 0) + (data[i + 1] ?? 0);
      out[i] = 4 * (data[i] ?? 0) - around - (data[i - columns] ?? 0) - (data[i + columns] ?? 0);
    }
  }
  return { columns, rows, data: out };
}

/** The energy of noise by band: half that of what changed between two pictures, in the median tile. */
export function noiseBetween(now: Pyramid, before: Pyramid): number[] {
  const levels = now.levels.slice(0, BANDS).map((level, band) => {
    const old = before.levels[band]?.data;
    return { ...level, data: level.data.map((value, i) => value - (old?.[i] ?? 0)) };
  });
  return levels.map((level) => medianOf([...bandEnergy(level)]) / 2);
}

/** The upper median; 0 of nothing. */
export function medianOf(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
