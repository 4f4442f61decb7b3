import type { Brush, Span } from './brush.ts';
import { between, type Ground, type Optics } from './optics.ts';
import { Dice, randomFrom } from './random.ts';
import type { Backdrop, Lamp } from './scene.ts';

/** A lamp above a place: lightest below it, half as light `reachM` metres away. */
export function lampOver(
  optics: Optics,
  at: Ground,
  reachM: number,
  strengthAt: (t: number) => number,
): Lamp {
  const { width, height } = optics.size;
  const reach = new Float32Array(width * height);
  const [column, row] = [optics.columnOf(at), optics.rowOf(at.z)];
  const r = reachM * optics.scaleAt(at.z);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const far2 = ((x - column) / r) ** 2 + ((y - row) / (0.7 * r)) ** 2;
      reach[y * width + x] = 1 / (1 + far2);
    }
  }
  return { reach, strengthAt };
}

/** From 0 to 1 between two times. */
export const ramp = (t: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (t - from) / (to - from)));

/** Light or shade in the form of a band on the floor that moves from one line to another, coming and going by `strengthAt`. */
export function bandOnFloor(
  optics: Optics,
  band: {
    readonly from: readonly [Ground, Ground];
    readonly to: readonly [Ground, Ground];
    readonly halfWidthM: number;
  },
  durationS: number,
  gainAt: (t: number) => number,
): Backdrop {
  return (brush, t) => {
    const gain = gainAt(t);
    if (Math.abs(gain - 1) < 0.005) return;
    const share = Math.min(1, t / durationS);
    const a = between(band.from[0], band.to[0], share);
    const b = between(band.from[1], band.to[1], share);
    const r = (at: Ground) => band.halfWidthM * optics.scaleAt(at.z);
    brush.capsule(optics.columnOf(a), optics.rowOf(a.z), optics.columnOf(b), optics.rowOf(b.z), r(a), r(b), {
      gain,
    });
  };
}

/** A screen that shows another picture every `everyS` seconds. */
export function screenOn(span: Span, everyS: number, seed: number): Backdrop {
  return (brush, t) => {
    const dice = new Dice(seed + Math.floor(t / everyS));
    const level = dice.between(30, 225);
    brush.box(span, { level, roundness: dice.between(-0.3, 0.3) });
    const tall = (span.bottom - span.top) / 4;
    for (let i = 0; i < 3; i++) {
      const top = span.top + tall * (i + dice.between(0.2, 0.6));
      brush.box(
        { left: span.left + 2, right: span.right - dice.between(2, 14), top, bottom: top + tall / 2 },
        { level: dice.between(30, 225) },
      );
    }
  };
}

/** Steps that run upwards for ever. */
export function escalatorIn(span: Span, pxPerS: number, stepPx: number): Backdrop {
  return (brush, t) => {
    brush.box(span, { level: 88 });
    const shift = (t * pxPerS) % stepPx;
    for (let y = span.bottom - stepPx + shift; y > span.top; y -= stepPx) {
      brush.box({ left: span.left, right: span.right, top: y, bottom: y + stepPx * 0.35 }, { level: 136 });
    }
  };
}

/** Leaves that sway in the wind, each bough in its own time. */
export function treeAt(span: Span, seed: number): Backdrop {
  const dice = new Dice(seed);
  const boughs = Array.from({ length: 46 }, () => ({
    x: dice.between(span.left, span.right),
    y: dice.between(span.top, span.bottom),
    r: dice.between(3, 9),
    level: dice.between(32, 96),
    pace: dice.between(1, 2.6),
    phase: dice.between(0, 6),
    far: dice.between(1, 3.5),
  }));
  return (brush, t) => {
    const gust = 0.4 + 0.6 * Math.max(0, Math.sin(t * 0.35));
    for (const { x, y, r, level, pace, phase, far } of boughs) {
      const sway = far * gust * Math.sin(t * pace + phase);
      brush.ellipse(x + sway, y + 0.3 * sway, r, r * 0.75, { level, alpha: 0.9 });
    }
  };
}

/** Streaks of rain, others in every picture. */
export function rain(count: number, { width, height }: Optics['size']): Backdrop {
  return (brush, t) => {
    const random = randomFrom(Math.round(t * 1000));
    for (let i = 0; i < count; i++) {
      const x = random() * width;
      const y = random() * height;
      const long = 5 + 9 * random();
      brush.capsule(x, y, x - 0.12 * long, y + long, 0.15, 0.15, { level: 205, alpha: 0.22 });
    }
  };
}

/** A cone of light that sweeps over the floor from left to right, or back. */
export function headlights(
  optics: Optics,
  fromT: number,
  seconds: number,
  row: number,
  direction: 1 | -1,
): Backdrop {
  const { width, height } = optics.size;
  return (brush: Brush, t: number) => {
    const share = (t - fromT) / seconds;
    if (share <= 0 || share >= 1) return;
    const at = direction > 0 ? share : 1 - share;
    const column = (at * 1.8 - 0.4) * width;
    brush.ellipse(column, row, 0.3 * width, 0.16 * height, { gain: 2.1 }, 0.9);
  };
}
