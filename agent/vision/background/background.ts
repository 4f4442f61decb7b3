import type { Settings } from '../settings.ts';
import type { Kernel } from './kernel/kernel.ts';
import { type KernelChoice, openKernel } from './kernel/open.ts';
import { AGE_SECOND, DEVIATION_LEVEL, LEVEL, STEP } from './kernel/steps.ts';

export { AGE_SECOND, DEVIATION_LEVEL, LEVEL } from './kernel/steps.ts';

/** Mean absolute deviation before anything is known, in 1/16 grey level. */
const FIRST_DEVIATION = 1.5 * DEVIATION_LEVEL;
/** Static age is kept up to this multiple of `staticS`, so that a passer-by does not erase it. */
const AGE_CAP = 3;
/** A byte's. */
const LARGEST_AGE = 255;
const ONE = 32_768;
/** What is added before rounding goes round by this (the golden ratio), so that it fills its range evenly. */
const DITHER_STEP = 40_503;

/**
 * Two backgrounds by exponential mean: the short one follows within a second and tells what moves; the long one
 * follows in tens of seconds, is frozen under foreground, and tells what is new. New and not moving for
 * `staticS` is static. All in integers, so that WebAssembly and TypeScript agree to the bit.
 */
export class DualBackground {
  readonly width: number;
  readonly height: number;
  /** Grey levels times `LEVEL`. */
  readonly long: Int16Array;
  readonly short: Int16Array;
  /** Mean absolute deviation in 1/`DEVIATION_LEVEL` grey level. */
  readonly deviation: Uint8Array;
  /** 1 where the picture differs from the long background. */
  readonly foreground: Uint8Array;
  /** 1 where it differs from the short background. */
  readonly moving: Uint8Array;
  /** How long a pixel has been foreground and still, in 1/`AGE_SECOND` s. */
  readonly age: Uint8Array;
  /** The same four pixels at a time, to pass quickly over where nothing is new. */
  readonly ageWords: Uint32Array;
  readonly kernel: Kernel;
  /** How many pixels are foreground. */
  foregroundCount = 0;
  readonly #settings: Settings;
  #dither = 0;
  /** Time in units of age, so that rounding does not lose any. */
  #ageClock = 0;

  /** Throws WP2420 when the kernel's file is missing or damaged. */
  constructor(width: number, height: number, settings: Settings, choice: KernelChoice = 'fastest') {
    this.width = width;
    this.height = height;
    this.kernel = openKernel(width, height, choice);
    const { long, short, deviation, foreground, moving, age } = this.kernel.planes;
    this.long = long;
    this.short = short;
    this.deviation = deviation.fill(FIRST_DEVIATION);
    this.foreground = foreground;
    this.moving = moving;
    this.age = age;
    this.ageWords = new Uint32Array(age.buffer, age.byteOffset, age.length >> 2);
    this.#settings = settings;
  }

  /** Begins anew from `first`, a background in 1/LEVEL. */
  reset(first: Int16Array): void {
    this.long.set(first);
    this.short.set(first);
    this.foreground.fill(0);
    this.moving.fill(0);
    this.age.fill(0);
    this.deviation.fill(FIRST_DEVIATION);
    this.foregroundCount = 0;
  }

  /** Takes in the picture in the kernel's plane `from`, `dtS` after the one before. */
  update(from: 'frame' | 'aligned', dtS: number): void {
    const { step } = this.kernel.planes;
    const { thresholdLevels, thresholdDeviations, tauShortS, tauLongS } = this.#settings;
    const longShare = shareIn(dtS, tauLongS);
    const deviationShare = Math.max(1, Math.round((longShare * DEVIATION_LEVEL) / LEVEL));
    this.#dither = (this.#dither + DITHER_STEP) % 65_536;
    step[STEP.fromAligned] = from === 'aligned' ? 1 : 0;
    step[STEP.threshold] = Math.round(thresholdLevels * LEVEL);
    step[STEP.thresholdByDeviation] = Math.round((thresholdDeviations * LEVEL) / DEVIATION_LEVEL);
    step[STEP.shortShare] = shareIn(dtS, tauShortS);
    step[STEP.longShare] = longShare;
    step[STEP.deviationShare] = deviationShare;
    step[STEP.longDither] = this.#ditherFor(longShare);
    step[STEP.deviationDither] = this.#ditherFor(deviationShare);
    this.#tellAges(step, dtS);
    this.foregroundCount = this.kernel.update();
  }

  /** Takes what is to be seen now at pixel `i` as background. */
  heal(i: number): void {
    this.long[i] = this.short[i] ?? 0;
    this.age[i] = 0;
    this.foreground[i] = 0;
    this.deviation[i] = FIRST_DEVIATION;
  }

  /** The half-resolution mask of foreground; overwritten by the next mask. */
  foregroundCells(): Uint8Array {
    this.kernel.markCells('foreground', 1);
    return this.kernel.planes.cells;
  }

  /** The half-resolution mask of what is static; overwritten by the next mask. */
  staticCells(): Uint8Array {
    this.kernel.markCells('age', Math.round(this.#settings.staticS * AGE_SECOND));
    return this.kernel.planes.cells;
  }

  /** Less than what rounding hides at `share`, so that nothing moves where nothing is to be followed. */
  #ditherFor(share: number): number {
    const half = Math.min(ONE / 2, Math.floor((ONE / 2 - 1) / share));
    return Math.round(((this.#dither - ONE) * half) / ONE);
  }

  #tellAges(step: Int32Array, dtS: number): void {
    const before = this.#ageClock;
    const now = before + dtS * AGE_SECOND;
    step[STEP.ageUp] = Math.floor(now) - Math.floor(before);
    step[STEP.ageBack] = Math.floor(now / 2) - Math.floor(before / 2);
    step[STEP.ageDown] = Math.min(LARGEST_AGE, Math.floor(4 * now) - Math.floor(4 * before));
    step[STEP.ageCap] = Math.min(LARGEST_AGE, Math.round(this.#settings.staticS * AGE_CAP * AGE_SECOND));
    // A multiple of two, so that no rounding is repeated differently.
    this.#ageClock = now % 4096;
  }
}

/** The share, in 1/32768, by which an exponential mean of time constant `tauS` follows in `dtS`. */
function shareIn(dtS: number, tauS: number): number {
  return Math.max(1, Math.min(ONE - 1, Math.round(ONE * (1 - Math.exp(-dtS / tauS)))));
}
