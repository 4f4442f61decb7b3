import { encode } from 'fast-png';
import type { FloorPlan } from '#contract/site-map/floor-plan.ts';

const WALL = [0, 255] as const;
const UNKNOWN = [110, 90] as const;
const FREE = [0, 0] as const;

/** A plan as PNG to lay over any ground: walls opaque, unknown half, free transparent. */
export function planPicture(plan: FloorPlan): Uint8Array {
  const { width, height } = plan;
  const data = new Uint8Array(width * height * 2);
  for (const [cell, value] of plan.grey().entries()) {
    data.set(value === 255 ? FREE : value === 0 ? WALL : UNKNOWN, cell * 2);
  }
  return encode({ width, height, data, channels: 2, depth: 8 });
}
