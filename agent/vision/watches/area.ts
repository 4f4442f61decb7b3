import inside from 'point-in-polygon-hao';
import type { Point } from '#agent/ports/vision-zones.ts';

/** A part of the picture as a polygon of fractions; its outline belongs to it. */
export class Area {
  readonly #rings: [number, number][][];

  constructor(polygon: readonly Point[]) {
    const [first] = polygon;
    this.#rings = [first === undefined ? [] : [...polygon, first]];
  }

  /** At a point in fractions of the picture; one below it counts as on its lower border. */
  holds(x: number, y: number): boolean {
    return inside([Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))], this.#rings) !== false;
  }
}
