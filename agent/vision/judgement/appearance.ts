import { type DualBackground, LEVEL } from '../background/background.ts';
import type { Component, Grid } from '../tracking/components.ts';
import { grown, type Rect } from '../tracking/rect.ts';
import type { Appearance } from '../tracking/track.ts';
import { Gains } from './gains.ts';
import { CONTOUR, INSIDE, OUTSIDE, Roles } from './roles.ts';

/** Keeps ratios of two nearly flat areas near 1 (grey levels). */
const NOISE_LEVELS = 1.5;
const RING_PX = 6;
/** Background with less gradient than this inside (grey levels) has no texture to compare. */
const MIN_TEXTURE = 2;
const LEAST_TEXTURE_PX = 16;
/** Differences of pixels two apart, in 1/LEVEL, of one grey level a pixel. */
const GRADIENT = 2 * LEVEL;

const gains = new Gains();
const roles = new Roles(RING_PX / 2 + 1);

/** Looks at `component`; `data` picture and background are those of `background`. */
export function appearanceOf(
  component: Component,
  background: DualBackground,
  width: number,
  grid: Grid,
): Appearance {
  return lookedCloser(glanceAt(component, background, width, grid), component, background, width, grid);
}

/** What is needed of a thing at every judgement: `edgeOverRing`, `textureCorrelation` and the gain are left out. */
export function glanceAt(
  component: Component,
  background: DualBackground,
  width: number,
  grid: Grid,
): Appearance {
  roles.mark(component, grid);
  const around = surroundings(component, width, grid);
  const sums = sumsOf(background, around, width);
  const [now, before] = [gradient(sums.steepNow, sums), gradient(sums.steepBefore, sums)];
  const contrastNow = contrast(sums.insideNow, sums.ringNow, sums);
  const contrastBefore = contrast(sums.insideBefore, sums.ringBefore, sums);
  return {
    edgeRatio: (now + NOISE_LEVELS) / (before + NOISE_LEVELS),
    edgeOverRing: 1,
    contrast: contrastNow,
    ringContrast: (contrastNow + NOISE_LEVELS) / (contrastBefore + NOISE_LEVELS),
    ringForeground: sums.ring === 0 ? 0 : sums.ringForeground / sums.ring,
    textureCorrelation: 0,
    gain: 1,
    gainSpread: Number.POSITIVE_INFINITY,
  };
}

/** `look` and what a glance leaves out: needed only when it is to be told what the thing is. */
export function lookedCloser(
  look: Appearance,
  component: Component,
  background: DualBackground,
  width: number,
  grid: Grid,
): Appearance {
  roles.mark(component, grid);
  const around = surroundings(component, width, grid);
  return {
    ...look,
    edgeOverRing: edgeOverRing(background, around, width),
    textureCorrelation: textureCorrelation(background, around, width),
    ...gains.of(component, background, width, grid),
  };
}

/** The rectangle and its ring, without the outermost pixels, which have no gradient. */
function surroundings({ rect }: Component, width: number, grid: Grid): Rect {
  const height = grid.rows * 2;
  const { left, top, right, bottom } = grown(rect, RING_PX, grid.columns * 2, height);
  return {
    left: Math.max(1, left),
    top: Math.max(1, top),
    right: Math.min(width - 1, right),
    bottom: Math.min(height - 1, bottom),
  };
}

/** Pixels inside, in the ring and on the contour, and their levels and gradients added up, in 1/LEVEL and 1/GRADIENT. */
interface Sums {
  readonly inside: number;
  readonly insideNow: number;
  readonly insideBefore: number;
  readonly ring: number;
  readonly ringNow: number;
  readonly ringBefore: number;
  readonly ringForeground: number;
  readonly contour: number;
  readonly steepNow: number;
  readonly steepBefore: number;
}

/** Where sums of fractions are kept: as variables of a loop each would be a new number on the heap. */
const steep = new Float64Array(2);

function sumsOf({ short, long, foreground }: DualBackground, around: Rect, width: number): Sums {
  let [inside, insideNow, insideBefore] = [0, 0, 0];
  let [ring, ringNow, ringBefore, ringForeground] = [0, 0, 0, 0];
  let contour = 0;
  const { plane } = roles;
  steep.fill(0);
  for (let y = around.top; y < around.bottom; y++) {
    const places = roles.rowAt(y);
    for (let x = around.left, i = y * width + x; x < around.right; x++, i++) {
      const role = plane[places + (x >> 1)] ?? OUTSIDE;
      const now = short[i] ?? 0;
      const before = long[i] ?? 0;
      if (role === OUTSIDE) {
        ring++;
        ringNow += now;
        ringBefore += before;
        ringForeground += foreground[i] ?? 0;
        continue;
      }
      inside++;
      insideNow += now;
      insideBefore += before;
      if (role < CONTOUR) continue;
      contour++;
      steep[0] = (steep[0] ?? 0) + steepness(short, i, width);
      steep[1] = (steep[1] ?? 0) + steepness(long, i, width);
    }
  }
  const [steepNow = 0, steepBefore = 0] = steep;
  const insides = { inside, insideNow, insideBefore };
  return { ...insides, ring, ringNow, ringBefore, ringForeground, contour, steepNow, steepBefore };
}

/** Mean gradient on the contour (grey levels a pixel); 0 where there is none. */
const gradient = (sum: number, { contour }: Sums): number => (contour === 0 ? 0 : sum / GRADIENT / contour);

function contrast(insideSum: number, ringSum: number, { inside, ring }: Sums): number {
  if (ring === 0 || inside === 0) return 0;
  return Math.abs(insideSum / LEVEL / inside - ringSum / LEVEL / ring);
}

/** Mean gradient on the contour over that of the ring. */
function edgeOverRing({ short }: DualBackground, around: Rect, width: number): number {
  const { plane } = roles;
  let [ring, contour] = [0, 0];
  steep.fill(0);
  for (let y = around.top; y < around.bottom; y++) {
    const places = roles.rowAt(y);
    for (let x = around.left; x < around.right; x++) {
      const role = plane[places + (x >> 1)] ?? OUTSIDE;
      if (role === INSIDE) continue;
      const at = role === OUTSIDE ? 0 : 1;
      if (role === OUTSIDE) ring++;
      else contour++;
      steep[at] = (steep[at] ?? 0) + steepness(short, y * width + x, width);
    }
  }
  const [outside = 0, own = 0] = steep;
  if (ring === 0 || contour === 0) return 1;
  return own / GRADIENT / contour / (outside / GRADIENT / ring + NOISE_LEVELS);
}

/** Gradient in 1/GRADIENT grey level a pixel. */
function steepness(picture: Int16Array, i: number, width: number): number {
  const dx = (picture[i + 1] ?? 0) - (picture[i - 1] ?? 0);
  const dy = (picture[i + width] ?? 0) - (picture[i - width] ?? 0);
  return Math.sqrt(dx * dx + dy * dy);
}

/** Of the differences inside now and before; 0 where the background has no texture to tell by. */
function textureCorrelation({ short, long }: DualBackground, around: Rect, width: number): number {
  let [count, nowNow, beforeBefore, nowBefore] = [0, 0, 0, 0];
  const { plane } = roles;
  for (let y = around.top; y < around.bottom; y++) {
    const places = roles.rowAt(y);
    for (let x = around.left; x < around.right; x++) {
      if (plane[places + (x >> 1)] !== INSIDE) continue;
      const i = y * width + x;
      const dx = (short[i + 1] ?? 0) - (short[i - 1] ?? 0);
      const dy = (short[i + width] ?? 0) - (short[i - width] ?? 0);
      const ex = (long[i + 1] ?? 0) - (long[i - 1] ?? 0);
      const ey = (long[i + width] ?? 0) - (long[i - width] ?? 0);
      count++;
      nowNow += dx * dx + dy * dy;
      beforeBefore += ex * ex + ey * ey;
      nowBefore += dx * ex + dy * ey;
    }
  }
  const unit = LEVEL * LEVEL;
  const texture = Math.sqrt(beforeBefore / unit / (2 * count)) / 2;
  if (count < LEAST_TEXTURE_PX || texture < MIN_TEXTURE) return 0;
  return nowBefore / unit / Math.sqrt((nowNow / unit) * (beforeBefore / unit) + 1e-9);
}
