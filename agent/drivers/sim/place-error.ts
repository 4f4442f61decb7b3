import type { Pose } from '../../ports/base.ts';
import type { Chance } from './chance.ts';

interface PlaceErrorParts {
  /** Standard deviation. */
  readonly placeM: number;
  readonly chance: Chance;
}

/** How long an error of localisation stays about as it is: a few lengths of the robot. */
const LASTS_S = 3;
/** One that is lost may be two metres off, and look anywhere. */
const LOST = [4, 0, 4, 3] as const;

/** How far a simulated robot is from where it believes it is: wanders while it moves (Ornstein and Uhlenbeck). */
export class PlaceError {
  readonly #parts: PlaceErrorParts;
  #x = 0;
  #y = 0;
  isLost = false;

  constructor(parts: PlaceErrorParts) {
    this.#parts = parts;
  }

  get covariance(): readonly [number, number, number, number] {
    const variance = this.#parts.placeM ** 2;
    return this.isLost ? LOST : [variance, 0, variance, variance / 4];
  }

  seen({ map, x, y, theta }: Pose): Pose {
    return { map, x: x + this.#x, y: y + this.#y, theta };
  }

  step(seconds: number): void {
    const { placeM, chance } = this.#parts;
    if (placeM === 0) return;
    const spread = placeM * Math.sqrt((2 * seconds) / LASTS_S);
    const keep = 1 - seconds / LASTS_S;
    this.#x = this.#x * keep + spread * chance.normal();
    this.#y = this.#y * keep + spread * chance.normal();
  }
}
