import type { Frame } from '#agent/ports/frames.ts';
import type { ModelConfig } from '#agent/ports/object-detector.ts';
import type { Box } from '#contract/event-data.ts';
import type { InputTensor } from './backend.ts';
import { shapeOfInput } from './description.ts';

type Input = ModelConfig['input'];

/** Where a picture lies in a model's input: a point at x is at `left + x · scale`, in pixels. */
export interface Letterbox {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** Grey of the bars, as in the training of the YOLO family; others do not mind. */
const BAR_LEVEL = 114;

/** The picture as large as it goes into the input, its proportions kept, in the middle. */
export function letterboxOf(picture: { width: number; height: number }, input: Input): Letterbox {
  const scale = Math.min(input.width / picture.width, input.height / picture.height);
  return {
    scale,
    left: (input.width - picture.width * scale) / 2,
    top: (input.height - picture.height * scale) / 2,
  };
}

/** A box in pixels of the input, [left, top, right, bottom], as fractions of the picture; null when not in it. */
export function boxInPicture(
  corners: readonly [number, number, number, number],
  { scale, left, top }: Letterbox,
  { width, height }: { width: number; height: number },
): Box | null {
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  const x0 = clip((corners[0] - left) / scale / width);
  const y0 = clip((corners[1] - top) / scale / height);
  const x1 = clip((corners[2] - left) / scale / width);
  const y1 = clip((corners[3] - top) / scale / height);
  return x1 > x0 && y1 > y0 ? [x0, y0, x1 - x0, y1 - y0] : null;
}

/** The grey picture as the model takes it: resampled bilinearly, the same in all three channels. */
export function inputFrom(picture: Frame, input: Input): InputTensor {
  const { width, height, order, type } = input;
  const levels = resampled(picture, input);
  const pixels = width * height;
  const data = type === 'uint8' ? new Uint8Array(3 * pixels) : new Float32Array(3 * pixels);
  for (let channel = 0; channel < 3; channel++) {
    const mean = type === 'uint8' ? 0 : ofChannel(input.mean, channel);
    const scale = type === 'uint8' ? 1 : ofChannel(input.scale, channel);
    const step = order === 'nchw' ? 1 : 3;
    let at = order === 'nchw' ? channel * pixels : channel;
    for (let i = 0; i < pixels; i++, at += step) {
      const level = ((levels[i] ?? 0) - mean) / scale;
      data[at] = type === 'uint8' ? Math.round(level) : level;
    }
  }
  return { shape: shapeOfInput(input), data };
}

const ofChannel = (value: Input['mean'], channel: number): number =>
  typeof value === 'number' ? value : (value[channel] ?? 0);

/** Levels of 0 to 255, row by row. */
function resampled(picture: Frame, input: Input): Float32Array {
  const box = letterboxOf(picture, input);
  const columns = tapsOf(input.width, box.left, box.scale, picture.width);
  const rows = tapsOf(input.height, box.top, box.scale, picture.height);
  const out = new Float32Array(input.width * input.height).fill(BAR_LEVEL);
  rows.forEach((row, y) => {
    if (row === null) return;
    const above = row.first * picture.width;
    const below = row.second * picture.width;
    for (let x = 0; x < input.width; x++) {
      const column = columns[x] ?? null;
      if (column === null) continue;
      const { first, second, share } = column;
      const upper = mixed(picture.data[above + first], picture.data[above + second], share);
      const lower = mixed(picture.data[below + first], picture.data[below + second], share);
      out[y * input.width + x] = mixed(upper, lower, row.share);
    }
  });
  return out;
}

/** The two neighbours of a place in the picture, and the share of the second. */
interface Tap {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** For each place along one side of the input where it lies in the picture; null on the bars. */
function tapsOf(inputSize: number, offset: number, scale: number, size: number): (Tap | null)[] {
  return Array.from({ length: inputSize }, (_, at) => {
    const place = (at + 0.5 - offset) / scale;
    if (place < 0 || place > size) return null;
    const centred = Math.min(size - 1, Math.max(0, place - 0.5));
    const first = Math.floor(centred);
    return { first, second: Math.min(size - 1, first + 1), share: centred - first };
  });
}

const mixed = (a = 0, b = 0, share = 0): number => a + (b - a) * share;
