import type { Privacy } from '../evidence/pixelate.ts';

/** Blocks as for somebody who fills the picture from top to bottom. */
const BLOCK_OF_PICTURE = 1 / 5;

/** Hides all of a picture: taken on the move, nobody can tell what in it is a person. */
export function allHidden({ width, height }: { width: number; height: number }): Privacy {
  return {
    hidden: new Uint8Array(width * height).fill(1),
    people: [],
    shown: null,
    blockPx: Math.max(12, Math.ceil(height * BLOCK_OF_PICTURE)),
  };
}
