import type { Size } from './optics.ts';
import { Dice, randomFrom } from './random.ts';
import type { Lamp, Sensor } from './scene.ts';

/** A prime number, so that the noise does not fall in step with the rows of any usual picture. */
const NOISE_TILE = 131_071;
const BLOCK_PX = 8;
/** A block that differs by less than this on average (grey levels) is left as it was. */
const SKIP_LEVELS = 2.2;
/** Every so often all blocks are sent anew. */
const KEY_FRAME_EVERY = 50;

/** Light to bytes: gain, noise, the sway of the mounting, and what video compression leaves of it. */
export class CameraSensor {
  readonly #size: Size;
  readonly #sensor: Sensor;
  readonly #noise: Float32Array;
  readonly #random: () => number;
  readonly #moved: Float32Array;
  #frames = 0;
  #last: Uint8Array | null = null;

  constructor(size: Size, sensor: Sensor, seed: number) {
    this.#size = size;
    this.#sensor = sensor;
    this.#random = randomFrom(seed);
    const dice = new Dice(seed);
    this.#noise = Float32Array.from({ length: NOISE_TILE }, () => sensor.noise * dice.normal());
    this.#moved = new Float32Array(size.width * size.height);
  }

  /** The bytes of `picture` under a `light` of 1 and the `lamps` as they shine at `t`. */
  expose(picture: Float32Array, light: number, lamps: readonly Lamp[], t: number): Uint8Array {
    const gain = this.#gainOf(picture.length, light, lamps, t);
    const seen = this.#shaken(picture);
    const noise = this.#noise;
    const out = new Uint8ClampedArray(picture.length);
    let at = Math.floor(this.#random() * NOISE_TILE);
    for (let i = 0; i < out.length; i++) {
      const lit = gain === null ? light : (gain[i] ?? 0);
      out[i] = (seen[i] ?? 0) * lit + (noise[at] ?? 0);
      at = at + 1 === NOISE_TILE ? 0 : at + 1;
    }
    const bytes = new Uint8Array(out.buffer);
    if (this.#sensor.isCompressed) this.#compress(bytes);
    this.#last = bytes;
    this.#frames++;
    return bytes;
  }

  #gainOf(pixels: number, light: number, lamps: readonly Lamp[], t: number): Float32Array | null {
    const lit = lamps.filter(({ strengthAt }) => Math.abs(strengthAt(t)) > 1e-3);
    if (lit.length === 0) return null;
    const gain = new Float32Array(pixels).fill(light);
    for (const { reach, strengthAt } of lit) {
      const strength = strengthAt(t) * light;
      for (let i = 0; i < pixels; i++) gain[i] = (gain[i] ?? 0) + strength * (reach[i] ?? 0);
    }
    return gain;
  }

  #shaken(picture: Float32Array): Float32Array {
    const { shakePx } = this.#sensor;
    if (shakePx === 0) return picture;
    const { width, height } = this.#size;
    const dx = shakePx * (2 * this.#random() - 1);
    const dy = shakePx * (2 * this.#random() - 1);
    const [fx, fy] = [Math.floor(dx), Math.floor(dy)];
    const [ax, ay] = [dx - fx, dy - fy];
    for (let y = 0; y < height; y++) {
      const upper = within(y + fy, height) * width;
      const lower = within(y + fy + 1, height) * width;
      for (let x = 0; x < width; x++) {
        const [left, right] = [within(x + fx, width), within(x + fx + 1, width)];
        const above = (picture[upper + left] ?? 0) * (1 - ax) + (picture[upper + right] ?? 0) * ax;
        const below = (picture[lower + left] ?? 0) * (1 - ax) + (picture[lower + right] ?? 0) * ax;
        this.#moved[y * width + x] = above * (1 - ay) + below * ay;
      }
    }
    return this.#moved;
  }

  #compress(bytes: Uint8Array): void {
    const last = this.#last;
    if (last === null || this.#frames % KEY_FRAME_EVERY === 0) return;
    const { width, height } = this.#size;
    for (let top = 0; top < height; top += BLOCK_PX) {
      for (let left = 0; left < width; left += BLOCK_PX) this.#skip(bytes, last, left, top);
    }
  }

  #skip(bytes: Uint8Array, last: Uint8Array, left: number, top: number): void {
    const { width, height } = this.#size;
    const right = Math.min(width, left + BLOCK_PX);
    const bottom = Math.min(height, top + BLOCK_PX);
    const most = (SKIP_LEVELS + this.#sensor.noise) * (right - left) * (bottom - top);
    let sum = 0;
    for (let y = top; y < bottom && sum <= most; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        sum += Math.abs((bytes[i] ?? 0) - (last[i] ?? 0));
      }
    }
    if (sum > most) return;
    for (let y = top; y < bottom; y++) {
      const row = y * width;
      for (let i = row + left; i < row + right; i++) bytes[i] = last[i] ?? 0;
    }
  }
}

const within = (at: number, size: number): number => Math.min(size - 1, Math.max(0, at));
