import { correlationOf, type Face } from './faces.ts';
import { FACE_HEIGHT, FACE_WIDTH, type Presence, WIDTH } from './staged-scene.ts';

/** A picture as the attacker has it, with what the attacker has learned elsewhere: where the faces were. */
export interface Exhibit {
  readonly data: Uint8Array;
  /** The same picture of the same moment, had nobody had a face: the attacker knows all but the face. */
  readonly faceless: Uint8Array;
  readonly presences: readonly Presence[];
}

/** The block of a pixel, as [left, top, side]: the grid is public. */
export type BlockAt = (x: number, y: number) => readonly [number, number, number];

interface Equation {
  readonly weights: Map<number, number>;
  readonly level: number;
}

const PIXELS = FACE_WIDTH * FACE_HEIGHT;
const ROUNDS = 150;
/** Keeps the solution from following the noise (Tikhonov). */
const DAMPING = 1e-5;

/**
 * The face that fits all exhibits best by least squares, by conjugate gradients on the normal equations: each block
 * that a face touches is an equation, its level the mean of the pixels in it. From many shifts of a mosaic this
 * brings back what no single one shows.
 */
export function reconstructed(exhibits: readonly Exhibit[], blockAt: BlockAt): Float32Array {
  const equations = exhibits.flatMap((exhibit) =>
    exhibit.presences.flatMap((at) => equationsOf(exhibit, at, blockAt)),
  );
  const face = new Float32Array(PIXELS);
  const residual = transposed(equations, ({ level }) => level);
  const direction = residual.slice();
  let strength = dot(residual, residual);
  for (let round = 0; round < ROUNDS && strength > 1e-9; round++) {
    const image = transposed(equations, ({ weights }) => applied(weights, direction));
    for (let i = 0; i < PIXELS; i++) image[i] = (image[i] ?? 0) + DAMPING * (direction[i] ?? 0);
    const step = strength / Math.max(1e-12, dot(direction, image));
    for (let i = 0; i < PIXELS; i++) {
      face[i] = (face[i] ?? 0) + step * (direction[i] ?? 0);
      residual[i] = (residual[i] ?? 0) - step * (image[i] ?? 0);
    }
    const next = dot(residual, residual);
    for (let i = 0; i < PIXELS; i++)
      direction[i] = (residual[i] ?? 0) + (next / strength) * (direction[i] ?? 0);
    strength = next;
  }
  return face;
}

/** Which of `faces` is most like `pattern`; −1 where there is no pattern at all. */
export function nearest(pattern: Float32Array, faces: readonly Face[]): number {
  const likeness = faces.map((face) => correlationOf(pattern, face.pattern));
  const best = Math.max(...likeness);
  return Math.abs(best) < 1e-6 ? -1 : likeness.indexOf(best);
}

function equationsOf({ data, faceless }: Exhibit, { x, y }: Presence, blockAt: BlockAt): Equation[] {
  const found = new Map<string, { weights: Map<number, number>; level: number }>();
  for (let i = 0; i < PIXELS; i++) {
    const [px, py] = [x + (i % FACE_WIDTH), y + Math.floor(i / FACE_WIDTH)];
    if (px < 0 || py < 0 || px >= WIDTH) continue;
    const [left, top, side] = blockAt(px, py);
    const key = `${left},${top}`;
    // The lower right part of a block: seams run along the other two sides.
    const at = (top + (side >> 1)) * WIDTH + Math.min(WIDTH - 1, left + (side >> 1));
    const level = (data[at] ?? 0) - (faceless[at] ?? 0);
    const equation = found.get(key) ?? { weights: new Map<number, number>(), level };
    equation.weights.set(i, 1 / (side * side));
    found.set(key, equation);
  }
  return [...found.values()];
}

function transposed(equations: readonly Equation[], levelIn: (equation: Equation) => number): Float32Array {
  const out = new Float32Array(PIXELS);
  for (const equation of equations) {
    const value = levelIn(equation);
    for (const [pixel, weight] of equation.weights) out[pixel] = (out[pixel] ?? 0) + weight * value;
  }
  return out;
}

function applied(weights: ReadonlyMap<number, number>, face: Float32Array): number {
  let sum = 0;
  for (const [pixel, weight] of weights) sum += weight * (face[pixel] ?? 0);
  return sum;
}

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
