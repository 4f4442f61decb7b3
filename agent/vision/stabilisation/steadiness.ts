import { lengthOf, NO_SHIFT, type Shift } from './shift.ts';

/** How often the camera is looked at while it stands still. */
const LOOK_EVERY_S = 0.5;
/** After a movement every picture is looked at for this long. */
const WATCH_S = 2;
/** Farther than this (pixels) nothing is judged: too much of the picture is new. */
const MAX_SHIFT_PX = 6;
/** A shift that stays within this of its mean (pixels) for this long is for good. */
const STAYS_WITHIN_PX = 0.3;
const SETTLES_AFTER_S = 3;
/** Less than this (pixels) is not worth moving the background for. */
const MIN_SETTLED_PX = 0.3;
/** Away for this long without coming to rest: another scene. */
const LOST_AFTER_S = 5;

/**
 * `still`: the picture is in its place. `swaying`: it is to be moved back. `away`: too far to judge. `settled`: it
 * will stay where it is now, so the background goes there. `lost`: it has been away for too long.
 */
export type Steadiness = 'still' | 'swaying' | 'away' | 'settled' | 'lost';

/** Tells shake from a nudge: what to do about each shift of the camera. */
export class SteadinessJudge {
  #lookT = Number.NEGATIVE_INFINITY;
  #watchUntilT = Number.NEGATIVE_INFINITY;
  #awayT: number | null = null;
  /** The mean of the shifts since `#sinceT`, all of them near it. */
  #mean: Shift = NO_SHIFT;
  #count = 0;
  #sinceT = Number.NEGATIVE_INFINITY;

  get isAway(): boolean {
    return this.#awayT !== null;
  }

  /** The shift that the camera keeps, once it is `settled`. */
  get settledAt(): Shift {
    return this.#mean;
  }

  /** Whether the shift at `t` is to be measured. */
  isDue(t: number): boolean {
    return t >= this.#lookT || t < this.#watchUntilT || t < this.#lookT - LOOK_EVERY_S;
  }

  /** Takes in the shift at `t`. */
  observe(shift: Shift, t: number): Steadiness {
    this.#lookT = t + LOOK_EVERY_S - 1e-6;
    if (shift.dx !== 0 || shift.dy !== 0) this.#watchUntilT = t + WATCH_S;
    this.#follow(shift, t);
    const isAway = lengthOf(shift) > MAX_SHIFT_PX;
    this.#awayT = isAway ? (this.#awayT ?? t) : null;
    if (t - this.#sinceT >= SETTLES_AFTER_S && lengthOf(this.#mean) >= MIN_SETTLED_PX) return 'settled';
    if (this.#awayT !== null) return t - this.#awayT > LOST_AFTER_S ? 'lost' : 'away';
    return shift.dx === 0 && shift.dy === 0 ? 'still' : 'swaying';
  }

  /** The background stands where the camera points: what was measured before no longer holds. */
  reset(): void {
    this.#awayT = null;
    this.#mean = NO_SHIFT;
    this.#count = 0;
    this.#sinceT = Number.NEGATIVE_INFINITY;
    this.#lookT = Number.NEGATIVE_INFINITY;
  }

  #follow({ dx, dy }: Shift, t: number): void {
    const { dx: mx, dy: my } = this.#mean;
    if (this.#count === 0 || Math.hypot(dx - mx, dy - my) > STAYS_WITHIN_PX) {
      this.#mean = { dx, dy };
      this.#count = 1;
      this.#sinceT = t;
      return;
    }
    this.#count++;
    this.#mean = { dx: mx + (dx - mx) / this.#count, dy: my + (dy - my) / this.#count };
  }
}
