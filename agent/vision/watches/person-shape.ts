import type { Component } from '../tracking/components.ts';
import type { Mover } from '../tracking/movers.ts';
import { heightOf, type Rect, sizeOf, widthOf } from '../tracking/rect.ts';
import type { WatchedScene } from './scene.ts';

/**
 * Area of a standing person in the picture, in squares of their height: projected from the side 0.30 m², from the
 * front 0.46 m² (Fanger 1970, table of projected area factors), clothed a seventh more, 1.7 m tall; a fifth more
 * since cells of two pixels widen the outline of somebody 60 pixels tall by so much.
 */
const PRIOR_AREA = 0.18;
const PRIOR_WEIGHT = 10;
const MAX_WEIGHT = 200;
/** Areas beyond are no single person, whoever taught them. */
const LEAST_AREA = 0.08;
const LARGEST_AREA = 0.3;

/** How much foreground one person makes here: learned from people who walk alone and are seen whole. */
export class PersonShape {
  #area = PRIOR_AREA;
  #weight = PRIOR_WEIGHT;

  /** Foreground of one person in squares of their height in pixels, as cells of the half-resolution grid have it. */
  get area(): number {
    return this.#area;
  }

  /** Takes in a scene whose tracks were just brought up to date. */
  learn(view: WatchedScene): void {
    const seen = new Set<Component>();
    for (const mover of view.movers) {
      if (mover.lastT !== view.t || seen.has(mover.component) || !isAlone(mover, view)) continue;
      seen.add(mover.component);
      const area = mover.component.areaPx / view.scale.heightAt(mover.rect.bottom) ** 2;
      if (area < LEAST_AREA || area > LARGEST_AREA) continue;
      this.#weight = Math.min(MAX_WEIGHT, this.#weight + 1);
      this.#area += (area - this.#area) / this.#weight;
    }
  }

  /** How many people a component would be by its area alone. */
  peopleIn(areaPx: number, bottomRow: number, view: WatchedScene): number {
    return areaPx / (this.#area * view.scale.heightAt(bottomRow) ** 2);
  }
}

/** Somebody upright, on the move and seen whole, as tall as people are there and no wider than one. */
function isAlone(mover: Mover, view: WatchedScene): boolean {
  const { rect } = mover;
  const aspect = heightOf(rect) / widthOf(rect);
  if (aspect < 1.7 || aspect > 4.5 || touchesEdge(rect, view)) return false;
  if (mover.travelled < 0.4 || mover.component.areaPx < 0.35 * sizeOf(rect)) return false;
  const tall = heightOf(rect) / view.scale.heightAt(rect.bottom);
  return tall > 0.85 && tall < 1.15;
}

function touchesEdge(rect: Rect, { width, height }: WatchedScene): boolean {
  return rect.left <= 2 || rect.top <= 2 || rect.right >= width - 2 || rect.bottom >= height - 2;
}

/** Tall and wide enough for somebody, sitting or cut off by the picture's border too, and not as wide as a car. */
export function isPersonSized(rect: Rect, view: WatchedScene): boolean {
  const height = view.scale.heightAt(rect.bottom);
  const least = touchesEdge(rect, view) ? 0.25 : 0.45;
  const [tall, wide] = [heightOf(rect) / height, widthOf(rect) / height];
  return tall > least && wide > 0.08 && wide < 2 * tall;
}
