import type { Frame } from '#agent/ports/frames.ts';
import type { Box } from '#contract/event-data.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { heightOf, type Rect, widthOf } from '../tracking/rect.ts';

/** Somebody who attends a thing stands within 1.3 person heights of it, and is up to half as wide again. */
const MARGIN_PERSON_HEIGHTS = 1.5;

/** The part of the picture to look at for the thing at `rect`: it and its surroundings, as square as the picture allows. */
export function surroundings(rect: Rect, frame: Frame, scale: PersonScale): Rect {
  const margin = Math.ceil(MARGIN_PERSON_HEIGHTS * scale.heightAt(rect.bottom));
  const side = Math.max(widthOf(rect), heightOf(rect)) + 2 * margin;
  const [left, right] = around((rect.left + rect.right) / 2, side, frame.width);
  const [top, bottom] = around((rect.top + rect.bottom) / 2, side, frame.height);
  return { left, top, right, bottom };
}

/** A stretch of `side` about `middle`, moved into 0 to `size`, or all of that where it is longer. */
function around(middle: number, side: number, size: number): [number, number] {
  const length = Math.min(side, size);
  const from = Math.min(size - length, Math.max(0, Math.round(middle - length / 2)));
  return [from, from + length];
}

/** A copy of that part of a picture or mask with rows of `width`. */
export function cropped(data: Uint8Array, width: number, { left, top, right, bottom }: Rect): Uint8Array {
  const copy = new Uint8Array((right - left) * (bottom - top));
  for (let row = top, at = 0; row < bottom; row++, at += right - left) {
    copy.set(data.subarray(row * width + left, row * width + right), at);
  }
  return copy;
}

/** A box of fractions of the crop, in pixels of the picture. */
export function uncropped([x, y, width, height]: Box, crop: Rect): Rect {
  const left = crop.left + x * widthOf(crop);
  const top = crop.top + y * heightOf(crop);
  return { left, top, right: left + width * widthOf(crop), bottom: top + height * heightOf(crop) };
}
