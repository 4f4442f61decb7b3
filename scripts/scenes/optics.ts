/** A picture's size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A place on the floor in metres: `x` to the right of the camera, `z` away from it. */
export interface Ground {
  readonly x: number;
  readonly z: number;
}

/** What the detector calls a person's height, in metres: distances between people are told in it. */
export const PERSON_M = 1.7;

/**
 * A camera on a wall, without lens distortion. It looks level through a shifted lens, so that what is upright stays
 * upright in the picture; a lens shifted far shows the floor from above, as a tilted camera would.
 */
export class Optics {
  readonly size: Size;
  readonly heightM: number;
  readonly focalPx: number;
  /** Row at which the floor would end if it went on for ever; above the picture when negative. */
  readonly horizon: number;

  constructor(size: Size, { heightM, focalShare, horizonShare }: View) {
    this.size = size;
    this.heightM = heightM;
    this.focalPx = focalShare * size.width;
    this.horizon = horizonShare * size.height;
  }

  columnOf({ x, z }: Ground): number {
    return this.size.width / 2 + (this.focalPx * x) / z;
  }

  rowOf(z: number): number {
    return this.horizon + (this.focalPx * this.heightM) / z;
  }

  /** Pixels that a metre takes at distance `z`, across and upwards alike. */
  scaleAt(z: number): number {
    return this.focalPx / z;
  }

  /** The place on the floor that is seen at a pixel below the horizon. */
  groundAt(column: number, row: number): Ground {
    const z = (this.focalPx * this.heightM) / (row - this.horizon);
    return { x: ((column - this.size.width / 2) * z) / this.focalPx, z };
  }
}

export interface View {
  /** Of the camera above the floor, in metres. */
  readonly heightM: number;
  /** Focal length over the picture's width: 1 is a field of view of 53°. */
  readonly focalShare: number;
  readonly horizonShare: number;
}

export const distanceM = (a: Ground, b: Ground): number => Math.hypot(a.x - b.x, a.z - b.z);

export function between(a: Ground, b: Ground, share: number): Ground {
  return { x: a.x + (b.x - a.x) * share, z: a.z + (b.z - a.z) * share };
}
