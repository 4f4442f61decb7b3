import type { DualBackground } from '../background/background.ts';
import type { Kernel } from '../background/kernel/kernel.ts';
import { GAIN_ONE, LEVEL, LIGHTEST, STEP } from '../background/kernel/steps.ts';
import type { Shift } from './shift.ts';

/** What `aligned` shows where the moved picture has nothing: the background, or the picture as it came. */
export type Filling = 'background' | 'picture';

/**
 * Writes the picture in `frame`, moved back by `shift`, to `aligned`. Cubic, since bilinear weights would blur edges
 * by more than the threshold.
 */
export function alignPicture(kernel: Kernel, { dx, dy }: Shift, filling: Filling): void {
  const { step, width, height } = kernel.planes;
  const [x, y] = [Math.floor(dx), Math.floor(dy)];
  step[STEP.warpX] = x;
  step[STEP.warpY] = y;
  step[STEP.warpLeft] = Math.min(width, Math.max(0, 1 - x));
  step[STEP.warpTop] = Math.min(height, Math.max(0, 1 - y));
  step[STEP.warpRight] = Math.max(step[STEP.warpLeft] ?? 0, Math.min(width, width - 2 - x));
  step[STEP.warpBottom] = Math.max(step[STEP.warpTop] ?? 0, Math.min(height, height - 2 - y));
  for (let tap = 0; tap < 4; tap++) {
    step[STEP.warpAcross + tap] = Math.min(32_767, Math.round(32_768 * cubicWeight(dx - x, tap)));
    step[STEP.warpDown + tap] = Math.min(32_767, Math.round(32_768 * cubicWeight(dy - y, tap)));
  }
  kernel.warp();
  fillRim(kernel, filling);
}

/** Weight of neighbour -1, 0, 1 or 2 (`tap` 0 to 3) at `share` of the way (Keys 1981, a = -1/2). */
function cubicWeight(share: number, tap: number): number {
  const d = Math.abs(share + 1 - tap);
  return d <= 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
}

function fillRim({ planes }: Kernel, filling: Filling): void {
  const { step, width, height, frame, aligned, long } = planes;
  const left = step[STEP.warpLeft] ?? 0;
  const right = step[STEP.warpRight] ?? 0;
  const top = step[STEP.warpTop] ?? 0;
  const bottom = step[STEP.warpBottom] ?? 0;
  for (let y = 0; y < height; y++) {
    const isInner = y >= top && y < bottom;
    for (let x = 0; x < width; x++) {
      if (isInner && x === left) x = right;
      if (x >= width) break;
      const i = y * width + x;
      if (filling === 'picture') aligned[i] = frame[i] ?? 0;
      else {
        const gain = gainAt(planes, x, y);
        aligned[i] = Math.min(255, Math.round((long[i] ?? 0) / LEVEL / Math.max(0.05, gain)));
      }
    }
  }
}

function gainAt({ gains, rows, width }: Kernel['planes'], x: number, y: number): number {
  const above = (rows[y * 2] ?? 0) * width + x;
  const weight = (rows[y * 2 + 1] ?? 0) / 32_768;
  return ((gains[above] ?? 0) * (1 - weight) + (gains[above + width] ?? 0) * weight) / GAIN_ONE;
}

/**
 * Moves all that is known of the scene by `shift`, because the camera stays where it points now. What comes into
 * view is taken from the picture of now as background.
 */
export function moveBackground(background: DualBackground, { dx, dy }: Shift): void {
  const { kernel, long, short, deviation, age, foreground, moving } = background;
  moveLevels(long, kernel, dx, dy);
  moveLevels(short, kernel, dx, dy);
  for (const plane of [deviation, age, foreground, moving]) {
    moveMarks(plane, kernel, Math.round(dx), Math.round(dy));
  }
  takeRim(background, dx, dy);
}

function moveLevels(plane: Int16Array, { planes }: Kernel, dx: number, dy: number): void {
  const { width, height } = planes;
  const from = plane.slice();
  const [fx, fy] = [Math.floor(-dx), Math.floor(-dy)];
  const across = [0, 1, 2, 3].map((tap) => cubicWeight(-dx - fx, tap));
  const down = [0, 1, 2, 3].map((tap) => cubicWeight(-dy - fy, tap));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let v = 0; v < 4; v++) {
        const row = Math.min(height - 1, Math.max(0, y + fy + v - 1)) * width;
        let line = 0;
        for (let u = 0; u < 4; u++) {
          const column = Math.min(width - 1, Math.max(0, x + fx + u - 1));
          line += (from[row + column] ?? 0) * (across[u] ?? 0);
        }
        sum += line * (down[v] ?? 0);
      }
      plane[y * width + x] = Math.min(LIGHTEST, Math.max(0, Math.round(sum)));
    }
  }
}

function moveMarks(plane: Uint8Array, { planes }: Kernel, dx: number, dy: number): void {
  const { width, height } = planes;
  const from = plane.slice();
  for (let y = 0; y < height; y++) {
    const row = Math.min(height - 1, Math.max(0, y - dy)) * width;
    for (let x = 0; x < width; x++) {
      plane[y * width + x] = from[row + Math.min(width - 1, Math.max(0, x - dx))] ?? 0;
    }
  }
}

/** What was out of view until now. */
function takeRim(background: DualBackground, dx: number, dy: number): void {
  const { planes } = background.kernel;
  const { width, height, frame } = planes;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isKnown = x - dx >= 0 && y - dy >= 0 && x - dx <= width - 1 && y - dy <= height - 1;
      if (isKnown) continue;
      const i = y * width + x;
      const level = Math.round((frame[i] ?? 0) * gainAt(planes, x, y) * LEVEL);
      background.short[i] = Math.min(LIGHTEST, level);
      background.heal(i);
    }
  }
}
