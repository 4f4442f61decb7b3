import type { Frame } from '#agent/ports/frames.ts';
import { type Detection, Detector } from '#agent/vision/detector.ts';
import type { Settings } from '#agent/vision/settings.ts';

export const WIDTH = 160;
export const HEIGHT = 120;
const FRAMES_PER_SECOND = 10;

/** A rectangle of one grey level in a scene, in pixels. */
export interface Patch {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly level: number;
}

/** A pseudo-random texture that is the same at every run. */
function textureAt(x: number, y: number): number {
  return ((Math.imul(x, 73_856_093) ^ Math.imul(y, 19_349_663)) >>> 7) % 9;
}

/** A textured floor with patches on it, later ones in front; `gain` is the light. */
export function pictureOf(patches: readonly Patch[], t: number, gain = 1): Frame {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) data[y * WIDTH + x] = (110 + textureAt(x, y)) * gain;
  }
  for (const { x, y, w, h, level } of patches) {
    for (let row = Math.max(0, y); row < Math.min(HEIGHT, y + h); row++) {
      const from = Math.max(0, Math.round(x));
      const to = Math.min(WIDTH, Math.round(x + w));
      if (to > from) data.fill(level * gain, row * WIDTH + from, row * WIDTH + to);
    }
  }
  return { width: WIDTH, height: HEIGHT, t, data };
}

/** Somebody 16 wide and 46 tall whose feet are at row 100. */
export const personAt = (x: number): Patch => ({ x, y: 54, w: 16, h: 46, level: 40 });
export const BAG: Patch = { x: 84, y: 88, w: 12, h: 12, level: 20 };

export interface Played {
  readonly detections: readonly Detection[];
  readonly detector: Detector;
}

export interface PlayOptions {
  readonly dwellS?: number;
  readonly gainAt?: (t: number) => number;
  /** By how many pixels the camera has moved: right, down. */
  readonly shiftAt?: (t: number) => readonly [number, number];
  readonly settings?: Settings;
}

/** The picture moved by a fraction of pixels, its border repeated. */
export function shifted(frame: Frame, [dx, dy]: readonly [number, number]): Frame {
  if (dx === 0 && dy === 0) return frame;
  const { width, height, data } = frame;
  const at = (x: number, y: number): number =>
    data[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))] ?? 0;
  const [fx, fy] = [Math.floor(dx), Math.floor(dy)];
  const [ax, ay] = [dx - fx, dy - fy];
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [X, Y] = [x - fx, y - fy];
      const upper = at(X, Y) * (1 - ax) + at(X - 1, Y) * ax;
      const lower = at(X, Y - 1) * (1 - ax) + at(X - 1, Y - 1) * ax;
      out[y * width + x] = Math.round(upper * (1 - ay) + lower * ay);
    }
  }
  return { ...frame, data: out };
}

/** Plays a scene given by time through a detector. */
export function play(
  durationS: number,
  sceneAt: (t: number) => readonly Patch[],
  options: PlayOptions = {},
): Played {
  const { dwellS = 5, gainAt = () => 1, shiftAt = () => [0, 0], settings } = options;
  let id = 0;
  const newObjectId = () => `object-${++id}`;
  const detector = new Detector({
    width: WIDTH,
    height: HEIGHT,
    dwellS,
    newObjectId,
    ...(settings === undefined ? {} : { settings }),
  });
  const detections: Detection[] = [];
  for (let index = 0; index < durationS * FRAMES_PER_SECOND; index++) {
    const t = index / FRAMES_PER_SECOND;
    detections.push(...detector.push(shifted(pictureOf(sceneAt(t), t, gainAt(t)), shiftAt(t))));
  }
  return { detections, detector };
}

/** Walks in from the left, stands beside the bag's place until `leavesT`, walks out to the right. */
export function visitor(t: number, comesT: number, leavesT: number): Patch[] {
  const stopX = 66;
  const speed = 24;
  if (t < comesT) return [];
  const inX = -16 + (t - comesT) * speed;
  if (inX < stopX) return [personAt(inX)];
  if (t < leavesT) return [personAt(stopX)];
  const outX = stopX + (t - leavesT) * speed;
  return outX > WIDTH ? [] : [personAt(outX)];
}
