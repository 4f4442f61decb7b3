import { LEVEL } from '#agent/vision/background/background.ts';
import { cellGridOf, type EdgeMap, edgeMapOf } from '#agent/vision/visits/edge-map.ts';
import { hallOf, type Solid, STOPS, type Stop } from '#scripts/scenes/round/hall.ts';
import type { Lighting } from '#scripts/scenes/round/paint.ts';
import { viewOf } from '#scripts/scenes/round/view.ts';

export const WIDTH = 320;
export const HEIGHT = 180;
export const GRID = cellGridOf(WIDTH, HEIGHT);
export const HALL = hallOf(3);
export const ALL_KNOWN = new Uint8Array(GRID.columns * GRID.rows).fill(1);
export const NONE = new Uint8Array(GRID.columns * GRID.rows);
export const DAY: Lighting = { lamps: HALL.lamps.map(() => 1), ambient: 0.45, sun: null };

/** How far beside its mark the robot stands. */
export interface Offset {
  readonly dx?: number;
  readonly dy?: number;
  readonly dtheta?: number;
}

/** The levels (times LEVEL) of the hall from a stop, with a little noise. */
export function levelsAt(
  stop: Stop,
  solids: readonly Solid[] = [],
  { dx = 0, dy = 0, dtheta = 0 }: Offset = {},
  lighting: Lighting = DAY,
  exposure = 1,
): Int16Array {
  const eye = { x: stop.x + dx, y: stop.y + dy, z: 1.15, theta: stop.theta + dtheta, pitch: 0.157 };
  const { radiance } = viewOf(HALL, solids, lighting, eye, WIDTH, HEIGHT);
  const noise = (i: number) => ((Math.imul(i, 2_654_435_761) >>> 16) & 255) / 255 - 0.5;
  return Int16Array.from(radiance, (light, i) =>
    Math.max(0, Math.min(255 * LEVEL, (light * 190 * exposure + 2 * noise(i)) * LEVEL)),
  );
}

export const edgesAt = (...of: Parameters<typeof levelsAt>): EdgeMap =>
  edgeMapOf(levelsAt(...of), LEVEL, WIDTH, GRID);

export const [ENTRANCE, ATRIUM, LIFTS, GALLERY] = STOPS;
