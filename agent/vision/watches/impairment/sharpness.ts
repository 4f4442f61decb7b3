import { TILES } from './energy.ts';
import type { View } from './view.ts';

/**
 * Energy of detail at the finest scale over that at the next, in a tile with an edge. Of a step that falls anywhere
 * between the cells it is 1/2: at the coarser scale the edge takes twice the share of the cells. Of one blurred to σ
 * cells each scale keeps σ^-3 of its own cells, so it falls to 1/16; at the blur that is told as a fault (a tenth of
 * the finest energy left, σ = 1) it is 1/8. The limit is the geometric mean of that and a step's.
 */
const SHARP = 0.25;
/** A contrast of 1 %, about one grey level of 100; and detail must have this many times the energy of noise. */
const LEAST_ENERGY = 0.01 ** 2;
const OVER_NOISE = 3;
/** Fewer tiles with edges than this tell nothing; of them the middle one decides, so that a caption does not. */
const LEAST_TILES = TILES / 8;

/** Whether a view is in focus by itself, with nothing to compare it with. `noise`: energy by scale. */
export function isSharp({ energy }: View, noise: readonly number[]): boolean {
  const [finest, next] = energy;
  if (finest === undefined || next === undefined) return false;
  const [noiseFinest = 0, noiseNext = 0] = noise;
  const ratios: number[] = [];
  next.forEach((value, tile) => {
    if (value <= LEAST_ENERGY + OVER_NOISE * noiseNext) return;
    const fine = finest[tile] ?? 0;
    const isSeen = fine > OVER_NOISE * noiseFinest;
    ratios.push(isSeen ? (fine - noiseFinest) / (value - noiseNext) : 0);
  });
  ratios.sort((a, b) => a - b);
  return ratios.length >= LEAST_TILES && (ratios[ratios.length >> 1] ?? 0) >= SHARP;
}
