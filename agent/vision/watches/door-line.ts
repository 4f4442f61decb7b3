import { orient2d } from 'robust-predicates';
import type { Point } from '#agent/ports/vision-zones.ts';
import type { Foot } from '../tracking/rect.ts';

export type Side = 'left' | 'right';
export type Passage = 'entering' | 'leaving';

/** A door's line across the floor, seen from its first point to its second. */
export class DoorLine {
  readonly #from: Point;
  readonly #to: Point;

  constructor([from, to]: readonly [Point, Point]) {
    this.#from = from;
    this.#to = to;
  }

  /** Which side of the line `foot` (pixels) is on; null within `marginPx` of it, where nobody can tell. */
  sideOf(foot: Foot, width: number, height: number, marginPx: number): Side | null {
    const { ax, ay, bx, by, length } = this.#inPixels(width, height);
    const doubleArea = orient2d(ax, ay, bx, by, foot.x, foot.y);
    if (Math.abs(doubleArea) < marginPx * length) return null;
    return doubleArea > 0 ? 'left' : 'right';
  }

  /** How far beyond the line, to its right, `foot` is (pixels); negative on its left. */
  beyond(foot: Foot, width: number, height: number): number {
    const { ax, ay, bx, by, length } = this.#inPixels(width, height);
    return -orient2d(ax, ay, bx, by, foot.x, foot.y) / Math.max(1, length);
  }

  /** Whether who went straight from `before` to `now`, on different sides, passed between the ends of the line. */
  isPassedBy(before: Foot, now: Foot, width: number, height: number, marginPx: number): boolean {
    const { ax, ay, bx, by, length } = this.#inPixels(width, height);
    const was = orient2d(ax, ay, bx, by, before.x, before.y);
    const is = orient2d(ax, ay, bx, by, now.x, now.y);
    if (was === is || length === 0) return false;
    const share = was / (was - is);
    const x = before.x + share * (now.x - before.x);
    const y = before.y + share * (now.y - before.y);
    const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length;
    return along >= -marginPx && along <= length + marginPx;
  }

  #inPixels(width: number, height: number) {
    const [ax, ay] = [this.#from[0] * width, this.#from[1] * height];
    const [bx, by] = [this.#to[0] * width, this.#to[1] * height];
    return { ax, ay, bx, by, length: Math.hypot(bx - ax, by - ay) };
  }
}
