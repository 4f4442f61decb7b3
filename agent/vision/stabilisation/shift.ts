/** By how many pixels the picture lies right of and below the background. */
export interface Shift {
  readonly dx: number;
  readonly dy: number;
}

export const NO_SHIFT: Shift = { dx: 0, dy: 0 };

export const lengthOf = ({ dx, dy }: Shift): number => Math.hypot(dx, dy);
