import type { Frame } from '#agent/ports/frames.ts';
import type { ObjectDetector, Sight } from '#agent/ports/object-detector.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { WatchpostError } from '#contract/errors.ts';

/** What a level is drawn for; each level is one person or one piece of luggage. */
export type KindOf = (level: number) => 'person' | 'suitcase' | null;

const BRIGHT_PEOPLE: KindOf = (level) => (level >= 200 ? 'person' : level <= 50 ? 'suitcase' : null);
const SCORE = 0.8;

/** A detector that knows drawn people and luggage by their level, and may be told to misbehave. */
export class DrawnSights implements ObjectDetector {
  readonly pictures: Frame[] = [];
  readonly #kindOf: KindOf;
  /** Rejects with this; null: is well. */
  fault: ErrorCode | null = null;
  /** Sees nothing in every look of this number. */
  missesEvery = Number.POSITIVE_INFINITY;
  /** While set, looks are answered only when `release` is called. */
  isHeld = false;
  #held: (() => void)[] = [];

  constructor(kindOf: KindOf = BRIGHT_PEOPLE) {
    this.#kindOf = kindOf;
  }

  async look(picture: Frame): Promise<readonly Sight[]> {
    this.pictures.push(picture);
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.fault !== null) throw new WatchpostError(this.fault);
    return this.pictures.length % this.missesEvery === 0 ? [] : sightsIn(picture, this.#kindOf);
  }

  release(): void {
    for (const resolve of this.#held.splice(0)) resolve();
  }

  async close(): Promise<void> {
    this.release();
  }
}

function sightsIn({ width, height, data }: Frame, kindOf: KindOf): Sight[] {
  const places = new Map<number, { left: number; top: number; right: number; bottom: number }>();
  for (let i = 0; i < data.length; i++) {
    const level = data[i] ?? 0;
    if (kindOf(level) === null) continue;
    const x = i % width;
    const y = Math.floor(i / width);
    const place = places.get(level) ?? { left: x, top: y, right: x, bottom: y };
    place.left = Math.min(place.left, x);
    place.right = Math.max(place.right, x + 1);
    place.bottom = Math.max(place.bottom, y + 1);
    places.set(level, place);
  }
  return [...places].map(([level, { left, top, right, bottom }]) => ({
    label: kindOf(level) ?? '',
    score: SCORE,
    box: [left / width, top / height, (right - left) / width, (bottom - top) / height],
  }));
}
