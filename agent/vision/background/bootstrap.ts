import type { DualBackground } from './background.ts';
import { LEVEL } from './kernel/steps.ts';

const PICTURES = 5;

/**
 * The first background: the median of five pictures over the first seconds, in which a walker disappears. The first
 * four wait in planes of the background that nobody looks at before it is known.
 */
export class Bootstrap {
  readonly #background: DualBackground;
  readonly #spacingS: number;
  readonly #waiting: readonly Uint8Array[];
  #count = 0;
  #nextT = 0;

  constructor(background: DualBackground, durationS: number) {
    const { short, deviation, age } = background;
    const pixels = deviation.length;
    this.#background = background;
    this.#spacingS = durationS / (PICTURES - 1);
    this.#waiting = [
      new Uint8Array(short.buffer, short.byteOffset, pixels),
      new Uint8Array(short.buffer, short.byteOffset + pixels, pixels),
      deviation,
      age,
    ];
  }

  /** Takes in a picture, `t` seconds after the first; answers whether the background is there now. */
  add(picture: Uint8Array, t: number): boolean {
    if (t + 1e-6 < this.#nextT) return false;
    this.#nextT = t + this.#spacingS;
    const place = this.#waiting[this.#count++];
    if (place !== undefined) {
      place.set(picture);
      return false;
    }
    this.#finish(picture);
    return true;
  }

  #finish(last: Uint8Array): void {
    const { long } = this.#background;
    const values = new Uint8Array(PICTURES);
    for (let i = 0; i < long.length; i++) {
      for (let p = 0; p < PICTURES - 1; p++) values[p] = this.#waiting[p]?.[i] ?? 0;
      values[PICTURES - 1] = last[i] ?? 0;
      values.sort();
      long[i] = (values[PICTURES >> 1] ?? 0) * LEVEL;
    }
    this.#background.reset(long);
  }
}
