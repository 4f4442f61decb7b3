import type { Settings } from '../settings.ts';

/** Mean absolute deviation before anything is known, and the most that is believed (grey levels). */
const FIRST_DEVIATION = 1.5;
const MAX_DEVIATION = 9;
/** Static age is kept up to this multiple of `staticS`, so that a passer-by does not erase it. */
const AGE_CAP = 3;

/**
 * Two backgrounds by exponential mean: the short one follows within a second and tells what moves; the long one
 * follows in tens of seconds, is frozen under foreground, and tells what is new. New and not moving for
 * `staticS` is static.
 */
export class DualBackground {
  readonly long: Float32Array;
  readonly short: Float32Array;
  /** 1 where the picture differs from the long background. */
  readonly foreground: Uint8Array;
  /** 1 where it differs from the short background. */
  readonly moving: Uint8Array;
  /** Seconds that a pixel has been foreground and still. */
  readonly age: Float32Array;
  readonly #deviation: Float32Array;
  readonly #settings: Settings;

  constructor(pixels: number, settings: Settings) {
    this.long = new Float32Array(pixels);
    this.short = new Float32Array(pixels);
    this.foreground = new Uint8Array(pixels);
    this.moving = new Uint8Array(pixels);
    this.age = new Float32Array(pixels);
    this.#deviation = new Float32Array(pixels).fill(FIRST_DEVIATION);
    this.#settings = settings;
  }

  /** Begins anew from `first`, and from `now` for what moves. */
  reset(first: Float32Array, now: Float32Array): void {
    this.long.set(first);
    this.short.set(now);
    this.foreground.fill(0);
    this.moving.fill(0);
    this.age.fill(0);
    this.#deviation.fill(FIRST_DEVIATION);
  }

  /** Takes in one picture (already compensated for light), `dtS` after the one before. */
  update(picture: Float32Array, dtS: number): void {
    const { long, short, foreground, moving, age } = this;
    const { thresholdLevels, thresholdDeviations, staticS, tauShortS, tauLongS } = this.#settings;
    const deviation = this.#deviation;
    const followShort = 1 - Math.exp(-dtS / tauShortS);
    const followLong = 1 - Math.exp(-dtS / tauLongS);
    const cap = staticS * AGE_CAP;
    for (let i = 0; i < picture.length; i++) {
      const value = picture[i] ?? 0;
      const spread = deviation[i] ?? 0;
      const threshold = thresholdLevels + thresholdDeviations * spread;
      const fromLong = value - (long[i] ?? 0);
      const fromShort = value - (short[i] ?? 0);
      const far = Math.abs(fromLong);
      const isNew = far > threshold;
      const moves = Math.abs(fromShort) > threshold;
      foreground[i] = isNew ? 1 : 0;
      moving[i] = moves ? 1 : 0;
      short[i] = (short[i] ?? 0) + followShort * fromShort;
      const still = age[i] ?? 0;
      if (!isNew) {
        long[i] = (long[i] ?? 0) + followLong * fromLong;
        deviation[i] = Math.min(MAX_DEVIATION, spread + followLong * (far - spread));
        age[i] = Math.max(0, still - 4 * dtS);
      } else if (moves) {
        age[i] = Math.max(0, still - dtS / 2);
      } else {
        age[i] = Math.min(cap, still + dtS);
      }
    }
  }

  /** Takes what is to be seen now at pixel `i` as background. */
  heal(i: number): void {
    this.long[i] = this.short[i] ?? 0;
    this.age[i] = 0;
    this.foreground[i] = 0;
    this.#deviation[i] = FIRST_DEVIATION;
  }
}
