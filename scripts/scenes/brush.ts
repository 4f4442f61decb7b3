import type { Size } from './optics.ts';

/** An upright rectangle in pixels, fractions allowed. */
export interface Span {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How a shape is laid on: towards a grey level, or as a change of light. */
export type Paint =
  | {
      readonly level: number;
      /** 1 hides what is behind. */
      readonly alpha?: number;
      /** Share by which the right side is lighter than the middle, and the left darker. */
      readonly roundness?: number;
    }
  | { readonly gain: number };

/** Paints shapes with soft edges, a pixel wide, into a picture of grey levels. */
export class Brush {
  readonly picture: Float32Array;
  readonly size: Size;

  constructor(picture: Float32Array, size: Size) {
    this.picture = picture;
    this.size = size;
  }

  /** From one point to another, `r0` and `r1` thick at the ends: limbs, bodies, straps. */
  capsule(x0: number, y0: number, x1: number, y1: number, r0: number, r1: number, paint: Paint): void {
    const most = Math.max(r0, r1) + 1;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy + 1e-6;
    const { left, top, right, bottom } = this.#clip(
      Math.min(x0, x1) - most,
      Math.min(y0, y1) - most,
      Math.max(x0, x1) + most,
      Math.max(y0, y1) + most,
    );
    for (let y = top; y < bottom; y++) {
      const py = y + 0.5;
      for (let x = left; x < right; x++) {
        const px = x + 0.5;
        const along = Math.min(1, Math.max(0, ((px - x0) * dx + (py - y0) * dy) / length2));
        const ox = px - x0 - along * dx;
        const oy = py - y0 - along * dy;
        const radius = r0 + (r1 - r0) * along;
        const cover = radius + 0.5 - Math.sqrt(ox * ox + oy * oy);
        if (cover > 0) this.#lay(y * this.size.width + x, Math.min(1, cover), ox / (radius + 0.5), paint);
      }
    }
  }

  /** `softness`: share of the radii over which it fades out at the border; 0 for a sharp one. */
  ellipse(x: number, y: number, rx: number, ry: number, paint: Paint, softness = 0): void {
    const { left, top, right, bottom } = this.#clip(x - rx - 1, y - ry - 1, x + rx + 1, y + ry + 1);
    const edge = softness > 0 ? 1 / softness : Math.min(rx, ry) + 0.5;
    for (let row = top; row < bottom; row++) {
      const oy = (row + 0.5 - y) / (ry + 0.3);
      for (let column = left; column < right; column++) {
        const ox = (column + 0.5 - x) / (rx + 0.3);
        const cover = (1 - Math.sqrt(ox * ox + oy * oy)) * edge;
        if (cover > 0) this.#lay(row * this.size.width + column, Math.min(1, cover), ox, paint);
      }
    }
  }

  box({ left, top, right, bottom }: Span, paint: Paint): void {
    const clip = this.#clip(left, top, right, bottom);
    const half = (right - left) / 2;
    for (let y = clip.top; y < clip.bottom; y++) {
      const tall = Math.min(bottom, y + 1) - Math.max(top, y);
      for (let x = clip.left; x < clip.right; x++) {
        const wide = Math.min(right, x + 1) - Math.max(left, x);
        if (tall <= 0 || wide <= 0) continue;
        this.#lay(y * this.size.width + x, tall * wide, (x + 0.5 - left - half) / half, paint);
      }
    }
  }

  #clip(left: number, top: number, right: number, bottom: number): Span {
    return {
      left: Math.max(0, Math.floor(left)),
      top: Math.max(0, Math.floor(top)),
      right: Math.min(this.size.width, Math.ceil(right)),
      bottom: Math.min(this.size.height, Math.ceil(bottom)),
    };
  }

  /** `across`: -1 at the left border of the shape to 1 at the right. */
  #lay(i: number, cover: number, across: number, paint: Paint): void {
    const was = this.picture[i] ?? 0;
    if ('gain' in paint) {
      this.picture[i] = was * (1 + cover * (paint.gain - 1));
      return;
    }
    const level = paint.level * (1 + (paint.roundness ?? 0) * across);
    this.picture[i] = was + cover * (paint.alpha ?? 1) * (level - was);
  }
}
