import type { Frame } from '#agent/ports/frames.ts';
import { medianOf, TILE_COLUMNS, TILE_ROWS, TILES } from './energy.ts';
import { BEGINS_AFTER_S, type Finding } from './fault.ts';

/** Looks in which the picture changed before stillness can be told from a source that never changes. */
const LEAST_CHANGES = 10;
/** Changing by less than this share of what is usual, in every part of the picture, is no sensor's noise. */
const STILL_SHARE = 1 / 4;
/** The light must be about what it was when noise was measured, since noise goes with it. */
const SAME_LIGHT = 0.8;
const USUAL_LOOKS = 30;
/** As long as twice the longest still spell that ended by itself is that source's way. */
const PATIENCE = 2;
const STRIDE = 2;

/** Tells a picture that no longer comes from the sensor by the noise it lacks. Looks about once a second. */
export class Stillness {
  #before: Frame | null = null;
  #usual = 0;
  #usualLevel = 0;
  #changes = 0;
  #stillT: number | null = null;
  #longestS = 0;

  look(frame: Frame): Finding {
    const before = this.#before;
    this.#before = frame;
    if (before === null || before.width !== frame.width || before.height !== frame.height) return 'unknown';
    const change = changeBetween(frame, before);
    if (this.#isStill(change)) return this.#stay(before.t, frame.t);
    if (this.#stillT !== null) this.#longestS = Math.max(this.#longestS, before.t - this.#stillT);
    this.#stillT = null;
    this.#learn(change);
    return 'absent';
  }

  restart(): void {
    this.#before = null;
    this.#stillT = null;
  }

  #isStill({ most, level }: Change): boolean {
    if (most === 0) return true;
    const isSameLight = Math.min(level, this.#usualLevel) > SAME_LIGHT * Math.max(level, this.#usualLevel);
    return isSameLight && this.#changes >= LEAST_CHANGES && most < STILL_SHARE * this.#usual;
  }

  /** Found present from its first second on, once it lasts longer than it ever has; the fault adds its own wait. */
  #stay(fromT: number, t: number): Finding {
    this.#stillT ??= fromT;
    const patienceS = PATIENCE * this.#longestS;
    const isUsual = patienceS > BEGINS_AFTER_S / 2 && t - this.#stillT <= patienceS;
    return this.#changes < LEAST_CHANGES || isUsual ? 'unknown' : 'present';
  }

  #learn({ usual, level }: Change): void {
    const share = 1 / Math.min(USUAL_LOOKS, ++this.#changes);
    this.#usual += share * (usual - this.#usual);
    this.#usualLevel += share * (level - this.#usualLevel);
  }
}

/** Mean absolute difference by tile: the largest, and the middle one; and the mean level (grey levels). */
interface Change {
  readonly most: number;
  readonly usual: number;
  readonly level: number;
}

function changeBetween(now: Frame, before: Frame): Change {
  const { width, height, data } = now;
  const sums = new Array<number>(TILES).fill(0);
  let level = 0;
  for (let y = 0; y < height; y += STRIDE) {
    const row = Math.floor((y * TILE_ROWS) / height) * TILE_COLUMNS;
    for (let x = 0; x < width; x += STRIDE) {
      const value = data[y * width + x] ?? 0;
      const tile = row + Math.floor((x * TILE_COLUMNS) / width);
      level += value;
      sums[tile] = (sums[tile] ?? 0) + Math.abs(value - (before.data[y * width + x] ?? 0));
    }
  }
  const samples = (width * height) / STRIDE ** 2;
  const most = (Math.max(...sums) * TILES) / samples;
  return { most, usual: (medianOf(sums) * TILES) / samples, level: level / samples };
}
