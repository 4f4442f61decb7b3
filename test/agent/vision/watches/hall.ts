import type { Frame } from '#agent/ports/frames.ts';

export const WIDTH = 320;
export const HEIGHT = 240;

/** A grey picture that can be drawn on; positions in pixels. */
export type Canvas = Float32Array;

/** A generator of its own (mulberry32), so that a scene is the same at every run. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function box(canvas: Canvas, x: number, y: number, w: number, h: number, level: number): void {
  for (let row = Math.max(0, Math.round(y)); row < Math.min(HEIGHT, y + h); row++) {
    const from = Math.max(0, Math.round(x));
    const to = Math.min(WIDTH, Math.round(x + w));
    if (to > from) canvas.fill(level, row * WIDTH + from, row * WIDTH + to);
  }
}

export function ellipse(canvas: Canvas, x: number, y: number, rx: number, ry: number, level: number): void {
  for (let row = Math.max(0, Math.floor(y - ry)); row <= Math.min(HEIGHT - 1, y + ry); row++) {
    const half = rx * Math.sqrt(Math.max(0, 1 - ((row + 0.5 - y) / ry) ** 2));
    const from = Math.max(0, Math.round(x - half));
    const to = Math.min(WIDTH, Math.round(x + half));
    if (to > from) canvas.fill(level, row * WIDTH + from, row * WIDTH + to);
  }
}

/** A room: a wall, a floor, and furniture where `seed` puts it. */
export function room(seed: number): Canvas {
  const random = randomFrom(seed);
  const canvas = new Float32Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const isWall = y < 60;
      const grain = 8 * random() - 4;
      canvas[y * WIDTH + x] = (isWall ? 150 : 105 + y / 10) + grain;
    }
  }
  for (let i = 0; i < 40; i++) {
    const [x, y] = [random() * WIDTH, random() * HEIGHT];
    box(canvas, x, y, 6 + 30 * random(), 4 + 18 * random(), 60 + 130 * random());
  }
  return canvas;
}

/** Blurred by three passes of a running mean: about a Gaussian of `sigma` pixels. */
export function blurred(canvas: Canvas, sigma: number): Canvas {
  const radius = Math.max(1, Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2));
  let out = canvas;
  for (let pass = 0; pass < 3; pass++) {
    out = run(run(out, WIDTH, HEIGHT, 1, WIDTH, radius), HEIGHT, WIDTH, WIDTH, 1, radius);
  }
  return out;
}

function run(
  from: Canvas,
  length: number,
  lines: number,
  step: number,
  next: number,
  radius: number,
): Canvas {
  const out = new Float32Array(from.length);
  for (let line = 0; line < lines; line++) {
    const at = (i: number) => from[line * next + Math.min(length - 1, Math.max(0, i)) * step] ?? 0;
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += at(i);
    for (let i = 0; i < length; i++) {
      out[line * next + i * step] = sum / (2 * radius + 1);
      sum += at(i + radius + 1) - at(i - radius);
    }
  }
  return out;
}

export interface Light {
  /** Factor and offset of all levels. */
  readonly gain?: number;
  readonly offset?: number;
  /** Standard deviation of the sensor's noise, in grey levels. */
  readonly noise?: number;
}

/** The picture a camera takes of `canvas` at `t`; noise differs from time to time and is the same at every run. */
export function frameOf(canvas: Canvas, t: number, { gain = 1, offset = 0, noise = 2 }: Light = {}): Frame {
  const random = randomFrom(Math.round(t * 1000) + 1);
  const data = new Uint8Array(canvas.length);
  for (let i = 0; i < data.length; i++) {
    const n = noise === 0 ? 0 : noise * 2 * (random() + random() + random() - 1.5);
    data[i] = Math.max(0, Math.min(255, Math.round((canvas[i] ?? 0) * gain + offset + n)));
  }
  return { width: WIDTH, height: HEIGHT, t, data };
}
