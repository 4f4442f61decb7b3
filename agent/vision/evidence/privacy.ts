import type { DualBackground } from '../background/background.ts';
import type { Component, Grid } from '../tracking/components.ts';
import { grown, heightOf, intersectionOf, type Rect, sizeOf } from '../tracking/rect.ts';
import type { Privacy } from './pixelate.ts';

/** Cells of rim around the object that are shown with it. */
const RIM_CELLS = 2;
/** Blocks are at least this share of the picture's width and this share of the tallest person. */
const BLOCK_OF_WIDTH = 1 / 20;
const BLOCK_OF_PERSON = 1 / 5;

/** What to hide in a picture taken now: all that moves or came in, but `object`. */
export function privacyOf(
  object: Component | null,
  background: DualBackground,
  people: readonly Rect[],
  grid: Grid,
  width: number,
  tallestPersonPx: number,
): Privacy {
  const { foreground, moving } = background;
  const hidden = new Uint8Array(foreground.length);
  for (let i = 0; i < hidden.length; i++) hidden[i] = (foreground[i] ?? 0) | (moving[i] ?? 0);
  const others = people.filter((rect) => object === null || !isObjectItself(rect, object.rect));
  const tallest = Math.max(tallestPersonPx, ...others.map(heightOf));
  return {
    hidden,
    people: others,
    shown: object === null ? null : shownPixels(object, background, others, grid, width),
    blockPx: Math.max(12, Math.ceil(width * BLOCK_OF_WIDTH), Math.ceil(tallest * BLOCK_OF_PERSON)),
  };
}

/** The object and its rim, without what moves there and without anybody's rectangle. */
function shownPixels(
  object: Component,
  { moving }: DualBackground,
  people: readonly Rect[],
  grid: Grid,
  width: number,
): Uint8Array {
  const shown = new Uint8Array(moving.length);
  const height = grid.rows * 2;
  for (const cell of object.cells) {
    const left = (cell % grid.columns) * 2;
    const top = Math.floor(cell / grid.columns) * 2;
    const own = { left, top, right: left + 2, bottom: top + 2 };
    paint(shown, grown(own, RIM_CELLS * 2, grid.columns * 2, height), width, 1);
  }
  for (const person of people) paint(shown, grown(person, 2, grid.columns * 2, height), width, 0);
  for (let i = 0; i < shown.length; i++) if (moving[i] === 1) shown[i] = 0;
  return shown;
}

function paint(mask: Uint8Array, rect: Rect, width: number, value: 0 | 1): void {
  for (let y = rect.top; y < rect.bottom; y++) {
    mask.fill(value, y * width + rect.left, y * width + rect.right);
  }
}

/** The object is foreground too, and followed as such until it is known. */
function isObjectItself(rect: Rect, object: Rect): boolean {
  return intersectionOf(rect, object) > 0.5 * sizeOf(object) && sizeOf(rect) < 2.5 * sizeOf(object);
}
