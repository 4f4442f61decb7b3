import type { SceneView } from '../scene-view.ts';
import type { Shift } from '../stabilisation/shift.ts';
import { type Component, componentOf, type Grid } from '../tracking/components.ts';
import { grown, intersectionOf, type Rect, sizeOf, widthOf } from '../tracking/rect.ts';

/** The pixels of a thing itself, from a time at which it stood alone. */
export interface Patch {
  readonly t: number;
  readonly rect: Rect;
  /** Row by row within `rect`. */
  readonly pixels: Uint8Array;
  /** 1 where a pixel is the thing's. */
  readonly shown: Uint8Array;
}

/** Nobody may be nearer than this in the picture (pixels). */
const CLEARANCE_PX = 4;
/** Of the surroundings, this share may flicker. */
const MAX_FLICKER = 0.005;
/** Larger than this share of the picture is not kept: no luggage. */
const LARGEST_SHARE = 1 / 8;
/** A picture whose pixels are this far (grey levels) from the thing's shows something in front of it. */
const COVERED_LEVELS = 22;

/** Whether the thing stands clear in the picture pushed last: nobody followed near it, nothing moving there. */
export function standsClear(component: Component, view: SceneView): boolean {
  const { width, height, background } = view;
  const around = grown(component.rect, CLEARANCE_PX, width, height);
  if (view.movers.some(({ rect }) => intersectionOf(rect, around) > 0)) return false;
  let moving = 0;
  for (let y = around.top; y < around.bottom; y++) {
    for (let i = y * width + around.left; i < y * width + around.right; i++)
      moving += background.moving[i] ?? 0;
  }
  return moving <= MAX_FLICKER * sizeOf(around);
}

/**
 * The thing's own pixels in the picture pushed last: its component without holes, and what is new within a cell
 * around it; never what moves or belongs to anybody followed. Null for what is too large to be kept.
 */
export function patchOf(component: Component, view: SceneView, picture: Uint8Array): Patch | null {
  const { width, height, grid } = view;
  const rect = grown(component.rect, 2, width, height);
  if (sizeOf(rect) > LARGEST_SHARE * width * height) return null;
  const shown = ownPixels(withoutHoles(component, grid), view, rect);
  forbidPeople(view, rect, shown);
  const pixels = new Uint8Array(shown.length);
  for (let y = rect.top, to = 0; y < rect.bottom; y++) {
    for (let x = rect.left; x < rect.right; x++, to++) {
      if (shown[to] === 1) pixels[to] = picture[y * width + x] ?? 0;
    }
  }
  return { t: view.t, rect, pixels, shown };
}

/** The patch where the thing is after the background has moved by so many whole pixels; null when part of it is outside. */
export function movedPatch(patch: Patch, { dx, dy }: Shift, width: number, height: number): Patch | null {
  const { left, top, right, bottom } = patch.rect;
  const rect = { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy };
  const isWithin = rect.left >= 0 && rect.top >= 0 && rect.right <= width && rect.bottom <= height;
  return isWithin ? { ...patch, rect } : null;
}

/** Whether something stands in front of the thing in this picture. A change of light is none. */
export function isCovered({ rect, pixels, shown }: Patch, picture: Uint8Array, width: number): boolean {
  const columns = widthOf(rect);
  let [sum, count] = [0, 0];
  const differenceAt = (i: number) =>
    (picture[(rect.top + Math.floor(i / columns)) * width + rect.left + (i % columns)] ?? 0) -
    (pixels[i] ?? 0);
  for (let i = 0; i < shown.length; i++) {
    if (shown[i] !== 1) continue;
    sum += differenceAt(i);
    count++;
  }
  if (count === 0) return true;
  const offset = sum / count;
  let far = 0;
  for (let i = 0; i < shown.length; i++) {
    if (shown[i] === 1 && Math.abs(differenceAt(i) - offset) > COVERED_LEVELS) far++;
  }
  return far > count / 4 || Math.abs(offset) > 2 * COVERED_LEVELS;
}

function ownPixels(component: Component, view: SceneView, rect: Rect): Uint8Array {
  const { width, grid, background } = view;
  const columns = widthOf(rect);
  const shown = new Uint8Array(sizeOf(rect));
  for (const cell of component.cells) {
    const column = cell % grid.columns;
    const left = column * 2;
    const top = ((cell - column) / grid.columns) * 2;
    for (let y = Math.max(rect.top, top - 2); y < Math.min(rect.bottom, top + 4); y++) {
      for (let x = Math.max(rect.left, left - 2); x < Math.min(rect.right, left + 4); x++) {
        const isOwn = y >= top && y < top + 2 && x >= left && x < left + 2;
        if (isOwn || background.foreground[y * width + x] === 1) {
          shown[(y - rect.top) * columns + x - rect.left] = 1;
        }
      }
    }
  }
  for (let y = rect.top, to = 0; y < rect.bottom; y++) {
    for (let x = rect.left; x < rect.right; x++, to++)
      if (background.moving[y * width + x] === 1) shown[to] = 0;
  }
  return shown;
}

/** Takes out the rectangles of everybody followed, but for the thing itself where that is still followed. */
function forbidPeople({ movers, width, height }: SceneView, rect: Rect, shown: Uint8Array): void {
  const columns = widthOf(rect);
  for (const mover of movers) {
    if (isThingItself(mover.rect, rect)) continue;
    const { left, top, right, bottom } = grown(mover.rect, 2, width, height);
    for (let y = Math.max(top, rect.top); y < Math.min(bottom, rect.bottom); y++) {
      const row = (y - rect.top) * columns - rect.left;
      const from = Math.max(left, rect.left);
      if (right > from) shown.fill(0, row + from, row + Math.min(right, rect.right));
    }
  }
}

/** The thing is foreground too, and followed as such until it is known. */
function isThingItself(rect: Rect, thing: Rect): boolean {
  return intersectionOf(rect, thing) > 0.5 * sizeOf(thing) && sizeOf(rect) < 1.5 * sizeOf(thing);
}

/** With the cells that it encloses on all sides: a stripe of the floor's brightness belongs to a bag. */
function withoutHoles(component: Component, grid: Grid): Component {
  const { left, top, right, bottom } = component.rect;
  const columns = (right - left) / 2 + 2;
  const rows = (bottom - top) / 2 + 2;
  const outside = new Uint8Array(columns * rows);
  for (const cell of component.cells) {
    const column = cell % grid.columns;
    const row = (cell - column) / grid.columns;
    outside[(row - top / 2 + 1) * columns + column - left / 2 + 1] = 2;
  }
  flood(outside, columns);
  const cells: number[] = [];
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      if (outside[row * columns + column] === 1) continue;
      cells.push((row - 1 + top / 2) * grid.columns + column - 1 + left / 2);
    }
  }
  return componentOf(cells, grid);
}

/** Marks with 1 all zeros that are reached from the first. */
function flood(mask: Uint8Array, columns: number): void {
  const queue = [0];
  mask[0] = 1;
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const next of [at - columns, at + columns, at % columns === 0 ? -1 : at - 1, at + 1]) {
      if (next < 0 || next >= mask.length || mask[next] !== 0) continue;
      if (next === at + 1 && next % columns === 0) continue;
      mask[next] = 1;
      queue.push(next);
    }
  }
}
