import type { BlockGrid } from './block-grid.ts';

/** What covers a block: nothing, so that the place shows; a thing that keeps still; or somebody, or what moves. */
export const PLACE = 0;
export const THING = 1;
export const MOVING = 2;

/** What covers is drawn in one of four tones. */
const TONE_STEP = 64;

export const coverOf = (kind: number, level: number): number => kind | (Math.floor(level / TONE_STEP) << 2);
export const kindOf = (cover: number): number => cover & 3;
export const toneOf = (cover: number): number => (cover >> 2) * TONE_STEP + TONE_STEP / 2;

/** A picture of which only blocks are left. It holds no pixel. */
export interface Mosaic {
  /** Seconds of stream time. */
  readonly t: number;
  readonly grid: BlockGrid;
  /** The grey level of the place at each block. */
  readonly place: Uint8Array;
  /** What covers each block, with its tone: see `coverOf`. */
  readonly cover: Uint8Array;
}

/** A copy that stays when its slot in a ring is used again. */
export const keptMosaic = ({ t, grid, place, cover }: Mosaic): Mosaic => ({
  t,
  grid,
  place: place.slice(0, grid.size),
  cover: cover.slice(0, grid.size),
});

/** The kind of cover of a block. */
export const coverAt = ({ cover }: Mosaic, block: number): number => kindOf(cover[block] ?? MOVING);
