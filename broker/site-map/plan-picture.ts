import { encode } from 'fast-png';
import type { PlanData } from '#contract/site-map/floor-plan.ts';

/** Grey and opacity of what is free, occupied, unknown. */
const LOOKS = [
  [0, 0],
  [0, 255],
  [110, 90],
] as const;

/** A plan as PNG to lay over any ground: walls opaque, unknown half, free transparent. */
export function planPicture({ width, height, codes }: PlanData): Uint8Array {
  const data = new Uint8Array(codes.length * 2);
  for (let cell = 0; cell < codes.length; cell++) {
    const [grey, opacity] = LOOKS[codes[cell] ?? 2] ?? LOOKS[2];
    data[cell * 2] = grey;
    data[cell * 2 + 1] = opacity;
  }
  return encode({ width, height, data, channels: 2, depth: 8 });
}
