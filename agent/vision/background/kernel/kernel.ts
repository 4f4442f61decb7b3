import type { Planes } from './layout.ts';

/** What the half-resolution mask is made of. */
export type MaskName = 'foreground' | 'moving' | 'age';

/**
 * The arithmetic over all pixels of a camera, in integers only. Two implementations: WebAssembly with SIMD, and a
 * twin in TypeScript where that is missing; they agree to the bit.
 */
export interface Kernel {
  readonly kind: 'simd' | 'plain';
  readonly planes: Planes;
  /** Takes the picture in `frame` or `aligned` into the backgrounds; answers how many pixels are foreground. */
  update(): number;
  /** Multiplies both backgrounds with one plus `drifts`, interpolated between the rows of tiles. */
  absorb(): void;
  /** Moves the inner part of `frame`, as the step says, into `aligned`. */
  warp(): void;
  /** Makes `half` and `quarter` of the picture in the background's light, or of the long background. */
  shrink(from: 'frame' | 'long'): void;
  /** Marks in `cells` the 2×2 pixels of which at least two have `least` or more in `mask`. */
  markCells(mask: MaskName, least: number): void;
}
