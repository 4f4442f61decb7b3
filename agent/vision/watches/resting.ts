import type { Component } from '../tracking/components.ts';
import type { Rect } from '../tracking/rect.ts';
import { isPersonSized } from './person-shape.ts';
import type { WatchedScene } from './scene.ts';

/** Somebody, or something as large, that keeps still. */
export interface Resting {
  readonly trackId: number;
  component: Component;
  /** Taken into the background meanwhile: it is still there, and no longer seen. */
  isAbsorbed: boolean;
  foreground: number;
}

/** A place whose foreground vanishes from more than this to less than that between two looks was absorbed. */
const COVERED = 0.5;
const CLEARED = 0.2;
/** New foreground on an absorbed place: whoever it was gets up, and the floor behind is new. */
const STIRS = 0.35;

/**
 * People who keep still for so long that the detector takes them for furniture, and what becomes of their place.
 * They are no movers meanwhile, and are neither to be forgotten nor to be seen twice.
 */
export class RestingPeople {
  #all: Resting[] = [];

  get all(): readonly Resting[] {
    return this.#all;
  }

  /** Takes in a scene whose tracks were just brought up to date. */
  look(view: WatchedScene): void {
    const tracks = new Map(view.tracks.map((track) => [track.id, track]));
    this.#all = this.#all.filter((resting) => {
      const before = resting.foreground;
      const track = tracks.get(resting.trackId);
      if (track !== undefined) resting.component = track.component;
      resting.foreground = foregroundOf(resting.component, view);
      if (track !== undefined) return track.reportedAs === null;
      if (resting.isAbsorbed) return resting.foreground < STIRS;
      resting.isAbsorbed = before > COVERED && resting.foreground < CLEARED;
      return resting.isAbsorbed;
    });
    const known = new Set(this.#all.map(({ trackId }) => trackId));
    for (const { id, component, reportedAs } of view.tracks) {
      if (known.has(id) || reportedAs !== null || !isPersonSized(component.rect, view)) continue;
      const foreground = foregroundOf(component, view);
      this.#all.push({ trackId: id, component, isAbsorbed: false, foreground });
    }
  }

  /** The one that stands where `rect` is. */
  at(rect: Rect): Resting | null {
    const overlap = ({ component }: Resting) => sharedOf(component.rect, rect);
    return this.#all.find((resting) => overlap(resting) > 0.5) ?? null;
  }

  clear(): void {
    this.#all = [];
  }
}

/** Overlap of two rectangles as a share of the smaller. */
export function sharedOf(a: Rect, b: Rect): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const size = (rect: Rect) => (rect.right - rect.left) * (rect.bottom - rect.top);
  return (width * height) / Math.min(size(a), size(b));
}

function foregroundOf(component: Component, { background, grid, width }: WatchedScene): number {
  let count = 0;
  for (const cell of component.cells) {
    const column = cell % grid.columns;
    const i = ((cell - column) / grid.columns) * 2 * width + column * 2;
    for (const p of [i, i + 1, i + width, i + width + 1]) count += background.foreground[p] ?? 0;
  }
  return count / Math.max(1, component.areaPx);
}
