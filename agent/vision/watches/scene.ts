import type { PersonHeights } from '#agent/ports/vision-watches.ts';
import type { SceneView } from '../scene-view.ts';
import type { Foot } from '../tracking/rect.ts';

/** How tall people are, and how far apart on the ground; see PersonScale, which learns it. */
export interface HeightScale {
  /** In pixels, of a person whose feet are at `row`. */
  heightAt(row: number): number;
  /** On the ground, in person heights. */
  distance(a: Foot, b: Foot): number;
}

/** The scene as the watches see it: heights are the operator's where they gave any. */
export type WatchedScene = Omit<SceneView, 'scale'> & { readonly scale: HeightScale };

/** Where a point in pixels was when areas and lines were drawn: a camera that was nudged takes them along. */
export const drawnAt = ({ x, y }: Foot, { offset }: Pick<SceneView, 'offset'>): Foot => ({
  x: x - offset.dx,
  y: y - offset.dy,
});

/** Focal length as a share of the picture's width, as for learned heights. */
const FOCAL_SHARE = 1;
/** Nobody is smaller than this share of the picture's height: there nothing can be told. */
const LEAST_HEIGHT = 0.05;

/** Heights by a line through two that somebody has measured in the picture. */
export class MeasuredScale implements HeightScale {
  readonly #heights: PersonHeights;
  readonly #width: number;
  readonly #height: number;

  constructor(heights: PersonHeights, width: number, height: number) {
    this.#heights = heights;
    this.#width = width;
    this.#height = height;
  }

  heightAt(row: number): number {
    const [a, b] = this.#heights;
    const slope = (b.height - a.height) / (b.foot - a.foot);
    const share = a.height + slope * (row / this.#height - a.foot);
    return Math.max(LEAST_HEIGHT, share) * this.#height;
  }

  distance(a: Foot, b: Foot): number {
    const [atA, atB] = [this.heightAt(a.y), this.heightAt(b.y)];
    return Math.hypot((2 * (a.x - b.x)) / (atA + atB), FOCAL_SHARE * this.#width * (1 / atA - 1 / atB));
  }
}
