import type { CameraPose } from '#agent/ports/vision-pose.ts';

/** Odometry must have been still for this long before anything is judged (seconds of stream time). */
const SETTLE_S = 2;

/** `moving`: nothing is judged. `arrived`: the first picture of a stay. */
export type Phase = 'moving' | 'arrived' | 'parked';

/** Tells by what odometry says, and the time of the pictures, when a camera that is carried about may judge. */
export class Parking {
  #pose: CameraPose = { still: false };
  /** Since when it stands: null until the first picture after it stopped. */
  #stillT: number | null = null;
  #isParked = false;

  /** Where it is parked, or was told last that it is. */
  get pose(): CameraPose {
    return this.#pose;
  }

  get isParked(): boolean {
    return this.#isParked;
  }

  /** A pose elsewhere, though said to be still, is another stop: it must settle anew. */
  setPose(pose: CameraPose): void {
    const isSame = pose.still && pose.waypoint === this.#pose.waypoint && pose.heading === this.#pose.heading;
    if (!isSame) this.#leave();
    this.#pose = pose;
  }

  /** The next picture, taken at `t`. */
  look(t: number): Phase {
    if (!this.#pose.still) return 'moving';
    if (this.#isParked) return 'parked';
    this.#stillT ??= t;
    if (t < this.#stillT) this.#stillT = t;
    if (t - this.#stillT < SETTLE_S) return 'moving';
    this.#isParked = true;
    return 'arrived';
  }

  /** Another picture source: whoever was parked is parked still, but sees something new. */
  restart(): void {
    if (this.#isParked) this.#stillT = Number.NEGATIVE_INFINITY;
    this.#isParked = false;
  }

  #leave(): void {
    this.#stillT = null;
    this.#isParked = false;
  }
}
