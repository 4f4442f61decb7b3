import { hash } from './paint.ts';
import type { View } from './view.ts';
import { projected } from './view.ts';

/** Somebody at one moment: where the feet are, how tall, how dark their clothes. */
export interface Somebody {
  readonly x: number;
  readonly y: number;
  readonly tallM: number;
  readonly albedo: number;
  readonly seed: number;
  /** Phase of the stride, radians; null for somebody who stands. */
  readonly stride: number | null;
}

/** Draws them into `radiance`, hidden by whatever is nearer. */
export function drawPerson(view: View, radiance: Float32Array, who: Somebody, light: number): void {
  const { eye, width, height } = view;
  const feet = projected(eye, { x: who.x, y: who.y, z: 0 }, width, height);
  const head = projected(eye, { x: who.x, y: who.y, z: who.tallM }, width, height);
  if (feet === null || head === null) return;
  const tall = feet.y - head.y;
  const [top, bottom] = [Math.floor(head.y), Math.ceil(feet.y)];
  for (let row = Math.max(0, top); row < Math.min(height, bottom); row++) {
    const down = (row + 0.5 - head.y) / tall;
    const middle = head.x + (feet.x - head.x) * down;
    for (const part of partsAt(down, who)) {
      const from = Math.max(0, Math.round(middle + part.from * tall));
      const to = Math.min(width, Math.round(middle + part.to * tall));
      for (let column = from; column < to; column++) {
        const i = row * width + column;
        if ((view.depth[i] ?? 0) < feet.depth) continue;
        const weave = 0.95 + 0.1 * hash(column >> 1, row >> 1, who.seed);
        radiance[i] = part.albedo * weave * light;
      }
    }
  }
}

/** What of a body is at this share of its height from the top: widths as shares of the height. */
function partsAt(down: number, { albedo, stride }: Somebody) {
  if (down < 0.13) {
    const half = 0.055 * Math.sqrt(Math.max(0, 1 - ((down - 0.065) / 0.065) ** 2));
    return [{ from: -half, to: half, albedo: 0.55 }];
  }
  if (down < 0.55) {
    const half = 0.12 - 0.03 * Math.max(0, (down - 0.3) / 0.25);
    return [{ from: -half, to: half, albedo }];
  }
  const apart = (stride === null ? 0.035 : 0.09 * Math.sin(stride)) * ((down - 0.5) / 0.5);
  return [-apart, apart].map((at) => ({ from: at - 0.045, to: at + 0.045, albedo: albedo * 0.7 }));
}
