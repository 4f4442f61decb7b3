import type { Frame } from '#agent/ports/frames.ts';

/** By how many pixels the camera has moved: right, down. */
export type Offset = readonly [number, number];

/** The same pictures with every grey level changed by `level`, which is given the level and the time. */
export function withLevels(
  frames: readonly Frame[],
  level: (value: number, t: number) => number,
): Iterable<Frame> {
  return changed(frames, (frame) => {
    const table = Uint8Array.from({ length: 256 }, (_, value) => clamped(level(value, frame.t)));
    const out = new Uint8Array(frame.data.length);
    for (let i = 0; i < out.length; i++) out[i] = table[frame.data[i] ?? 0] ?? 0;
    return out;
  });
}

/** The same pictures with normal noise of `sigma` grey levels; `random` gives the seed's numbers. */
export function withNoise(frames: readonly Frame[], sigma: number, random: () => number): Iterable<Frame> {
  const noise = normalTile(sigma, random);
  return changed(frames, ({ data }) => {
    const out = new Uint8ClampedArray(data.length);
    let at = Math.floor(random() * noise.length);
    for (let i = 0; i < out.length; i++) {
      out[i] = (data[i] ?? 0) + (noise[at] ?? 0);
      at = at + 1 === noise.length ? 0 : at + 1;
    }
    return new Uint8Array(out.buffer);
  });
}

/** A prime number of them, so that the tile does not fall in step with the rows of any usual picture. */
const TILE = 131_071;

/** Normal deviates by Box and Muller. */
function normalTile(sigma: number, random: () => number): Float32Array {
  return Float32Array.from(
    { length: TILE },
    () => sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** The same pictures seen by a camera that has moved; bilinear between pixels, the border repeated. */
export function withShake(frames: readonly Frame[], offsetAt: (t: number) => Offset): Iterable<Frame> {
  return changed(frames, (frame) => shifted(frame, offsetAt(frame.t)));
}

/** The picture moved by a fraction of pixels. */
function shifted({ width, height, data }: Frame, [dx, dy]: Offset): Uint8Array {
  if (dx === 0 && dy === 0) return data;
  const out = new Uint8Array(data.length);
  const [fx, fy] = [Math.floor(dx), Math.floor(dy)];
  const [ax, ay] = [dx - fx, dy - fy];
  for (let y = 0; y < height; y++) {
    const upper = within(y - fy, height) * width;
    const lower = within(y - fy - 1, height) * width;
    for (let x = 0; x < width; x++) {
      const right = within(x - fx, width);
      const left = within(x - fx - 1, width);
      const above = (data[upper + right] ?? 0) * (1 - ax) + (data[upper + left] ?? 0) * ax;
      const below = (data[lower + right] ?? 0) * (1 - ax) + (data[lower + left] ?? 0) * ax;
      out[y * width + x] = Math.round(above * (1 - ay) + below * ay);
    }
  }
  return out;
}

const within = (at: number, size: number): number => Math.min(size - 1, Math.max(0, at));

export function mirrored(frames: readonly Frame[]): Iterable<Frame> {
  return changed(frames, ({ width, height, data }) => {
    const out = new Uint8Array(data.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) out[y * width + x] = data[y * width + width - 1 - x] ?? 0;
    }
    return out;
  });
}

/** Only the part of each picture that begins `marginShare` of its size from every border. */
export function* cropped(frames: readonly Frame[], marginShare: number): Iterable<Frame> {
  for (const { width, height, t, data } of frames) {
    const left = Math.round(width * marginShare);
    const top = Math.round(height * marginShare);
    const [w, h] = [width - 2 * left, height - 2 * top];
    const out = new Uint8Array(w * h);
    for (let y = 0; y < h; y++) {
      const from = (y + top) * width + left;
      out.set(data.subarray(from, from + w), y * w);
    }
    yield { width: w, height: h, t, data: out };
  }
}

function* changed(frames: readonly Frame[], dataOf: (frame: Frame) => Uint8Array): Iterable<Frame> {
  for (const frame of frames) yield { ...frame, data: dataOf(frame) };
}

const clamped = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));
