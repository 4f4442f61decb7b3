import * as z from 'zod';
import type { MapPoint } from './geometry.ts';
import type { PlanImage } from './plan-image.ts';

/** The YAML of a plan as ROS' map_server writes and reads it. */
export const PlanFile = z
  .strictObject({
    image: z
      .string()
      .regex(/^(\.\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'name a picture in the same folder: PNG or PGM'),
    /** Metres a cell. */
    resolution: z.number().positive().max(10),
    /** Pose of the lower left corner of the lower left cell: x, y in metres, yaw in radians. */
    origin: z.tuple([z.number(), z.number(), z.number()]),
    negate: z.union([z.literal(0), z.literal(1), z.boolean()]),
    occupied_thresh: z.number().min(0).max(1),
    free_thresh: z.number().min(0).max(1),
    mode: z.enum(['trinary', 'scale', 'raw']).default('trinary'),
  })
  .refine(({ free_thresh: free, occupied_thresh: occupied }) => free < occupied, {
    path: ['free_thresh'],
    error: 'must be less than occupied_thresh',
  });
export type PlanFile = z.infer<typeof PlanFile>;

export type Cell = 'free' | 'occupied' | 'unknown';

export interface PlanBounds {
  readonly min: MapPoint;
  readonly max: MapPoint;
}

/** A plan as it goes from thread to thread. */
export interface PlanData {
  readonly width: number;
  readonly height: number;
  readonly resolutionM: number;
  readonly origin: readonly [number, number, number];
  /** One byte a cell, row by row from the top: 0 free, 1 occupied, 2 unknown. */
  readonly codes: Uint8Array;
}

export const planData = (file: PlanFile, image: PlanImage): PlanData => ({
  ...{ width: image.width, height: image.height },
  ...{ resolutionM: file.resolution, origin: file.origin, codes: judge(file, image) },
});

/** A floor plan: which parts of a floor are free, in metres. */
export class FloorPlan {
  readonly width: number;
  readonly height: number;
  readonly resolutionM: number;
  /** x, y in metres and yaw in radians of the lower left corner. */
  readonly origin: readonly [number, number, number];
  readonly codes: Uint8Array;

  constructor({ width, height, resolutionM, origin, codes }: PlanData) {
    this.width = width;
    this.height = height;
    this.resolutionM = resolutionM;
    this.origin = origin;
    this.codes = codes;
  }

  /** What is at a point; null off the plan. */
  at(point: MapPoint): Cell | null {
    const [x, y] = this.#onPlan(point);
    const column = Math.floor(x / this.resolutionM);
    const row = this.height - 1 - Math.floor(y / this.resolutionM);
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return null;
    return CELLS[this.codes[row * this.width + column] ?? UNKNOWN] ?? null;
  }

  /** The first point along a line that is occupied or off the plan; null where all of it can be gone. */
  firstObstacle(from: MapPoint, to: MapPoint): MapPoint | null {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const steps = Math.max(1, Math.ceil((length / this.resolutionM) * 2));
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      const point: MapPoint = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
      const cell = this.at(point);
      if (cell === null || cell === 'occupied') return point;
    }
    return null;
  }

  /** The corners of the plan, from the origin counter-clockwise. */
  get corners(): readonly MapPoint[] {
    const [w, h] = [this.width * this.resolutionM, this.height * this.resolutionM];
    const local: MapPoint[] = [
      [0, 0],
      [w, 0],
      [w, h],
      [0, h],
    ];
    return local.map((point) => this.#onMap(point));
  }

  get bounds(): PlanBounds {
    const xs = this.corners.map(([x]) => x);
    const ys = this.corners.map(([, y]) => y);
    return { min: [Math.min(...xs), Math.min(...ys)], max: [Math.max(...xs), Math.max(...ys)] };
  }

  /** Shares of the cells. */
  get shares(): Readonly<Record<Cell, number>> {
    const counts = [0, 0, 0];
    for (const code of this.codes) counts[code] = (counts[code] ?? 0) + 1;
    const [free = 0, occupied = 0, unknown = 0] = counts.map((count) => count / this.codes.length);
    return { free, occupied, unknown };
  }

  #onPlan([x, y]: MapPoint): MapPoint {
    const [ox, oy, yaw] = this.origin;
    const [dx, dy] = [x - ox, y - oy];
    return [dx * Math.cos(yaw) + dy * Math.sin(yaw), dy * Math.cos(yaw) - dx * Math.sin(yaw)];
  }

  #onMap([x, y]: MapPoint): MapPoint {
    const [ox, oy, yaw] = this.origin;
    return [ox + x * Math.cos(yaw) - y * Math.sin(yaw), oy + x * Math.sin(yaw) + y * Math.cos(yaw)];
  }
}

const FREE = 0;
const OCCUPIED = 1;
const UNKNOWN = 2;
const CELLS: readonly Cell[] = ['free', 'occupied', 'unknown'];

/**
 * map_server's rules: `trinary` and `scale` judge a cell's darkness by the two thresholds; in `raw` the value is the
 * occupancy in percent itself. What is transparent is unknown in every mode (map_server: in `scale`).
 */
function judge(file: PlanFile, { grey, alpha }: PlanImage): Uint8Array {
  const isNegated = file.negate === 1 || file.negate === true;
  return grey.map((value, index) => {
    if (alpha !== null && (alpha[index] ?? 255) < 255) return UNKNOWN;
    if (file.mode === 'raw' && value > 100) return UNKNOWN;
    const occupancy = file.mode === 'raw' ? value / 100 : (isNegated ? value : 255 - value) / 255;
    if (occupancy > file.occupied_thresh) return OCCUPIED;
    return occupancy < file.free_thresh ? FREE : UNKNOWN;
  });
}
