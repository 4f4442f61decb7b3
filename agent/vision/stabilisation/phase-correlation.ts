import { LEVEL } from '../background/kernel/steps.ts';
import { transform } from './fourier.ts';

const COLUMNS = 128;
const ROWS = 64;
const ACROSS = { count: ROWS, length: COLUMNS, step: 1, signalStep: COLUMNS };
const DOWN = { count: COLUMNS, length: ROWS, step: COLUMNS, signalStep: 1 };
/** A peak must stand out by this many standard deviations of the rest; in noise the highest of 8192 has four. */
const MIN_PEAK = 8;

/**
 * Finds by how far two small pictures are apart, however far that is, from the phases of their spectra (Kuglin and
 * Hines 1975). Exact to a sample only: least squares go on from there. It costs two transforms of 8192 values, so
 * it is asked only when the nearer search has found nothing.
 */
export class PhaseCorrelation {
  readonly #reference = new Float32Array(COLUMNS * ROWS);
  readonly #re = new Float32Array(COLUMNS * ROWS);
  readonly #im = new Float32Array(COLUMNS * ROWS);

  get bytes(): number {
    return 3 * this.#reference.byteLength;
  }

  /** Takes `plane` (in 1/LEVEL) as what later ones are compared with. */
  setReference(plane: Int16Array, width: number, height: number): void {
    sample(plane, width, height, this.#reference);
  }

  /** How far `plane` has moved, in its own pixels; null where no shift stands out. */
  measure(plane: Int16Array, width: number, height: number): { dx: number; dy: number } | null {
    this.#re.set(this.#reference);
    sample(plane, width, height, this.#im);
    this.#transform(-1);
    this.#cross();
    this.#transform(1);
    return this.#peak(width, height);
  }

  #transform(direction: -1 | 1): void {
    transform(this.#re, this.#im, ACROSS, direction);
    transform(this.#re, this.#im, DOWN, direction);
  }

  /** The reference was the real part and the picture the imaginary one: takes their spectra apart, keeps phases. */
  #cross(): void {
    const re = this.#re;
    const im = this.#im;
    for (let v = 0; v < ROWS; v++) {
      for (let u = 0; u < COLUMNS; u++) {
        const i = v * COLUMNS + u;
        const j = ((ROWS - v) % ROWS) * COLUMNS + ((COLUMNS - u) % COLUMNS);
        if (j < i) continue;
        const rx = ((re[i] ?? 0) + (re[j] ?? 0)) / 2;
        const ry = ((im[i] ?? 0) - (im[j] ?? 0)) / 2;
        const px = ((im[i] ?? 0) + (im[j] ?? 0)) / 2;
        const py = ((re[j] ?? 0) - (re[i] ?? 0)) / 2;
        const x = px * rx + py * ry;
        const y = py * rx - px * ry;
        const size = Math.sqrt(x * x + y * y) + 1e-6;
        re[i] = x / size;
        im[i] = y / size;
        re[j] = x / size;
        im[j] = -y / size;
      }
    }
  }

  #peak(width: number, height: number): { dx: number; dy: number } | null {
    let best = 0;
    let squares = 0;
    for (let i = 0; i < this.#re.length; i++) {
      const value = this.#re[i] ?? 0;
      squares += value * value;
      if (value > (this.#re[best] ?? 0)) best = i;
    }
    const deviation = Math.sqrt(squares / this.#re.length);
    if ((this.#re[best] ?? 0) < MIN_PEAK * deviation) return null;
    const u = best % COLUMNS;
    const v = (best - u) / COLUMNS;
    return {
      dx: ((u < COLUMNS / 2 ? u : u - COLUMNS) * width) / COLUMNS,
      dy: ((v < ROWS / 2 ? v : v - ROWS) * height) / ROWS,
    };
  }
}

/** Samples over all of the picture, less their mean, fading towards its edges (Hann). */
function sample(plane: Int16Array, width: number, height: number, out: Float32Array): void {
  let sum = 0;
  for (let v = 0; v < ROWS; v++) {
    const row = Math.min(height - 1, Math.floor(((v + 0.5) * height) / ROWS)) * width;
    for (let u = 0; u < COLUMNS; u++) {
      const x = Math.min(width - 1, Math.floor(((u + 0.5) * width) / COLUMNS));
      const level = (plane[row + x] ?? 0) / LEVEL;
      out[v * COLUMNS + u] = level;
      sum += level;
    }
  }
  const mean = sum / out.length;
  for (let v = 0; v < ROWS; v++) {
    const tall = 0.5 - 0.5 * Math.cos((2 * Math.PI * (v + 0.5)) / ROWS);
    for (let u = 0; u < COLUMNS; u++) {
      const wide = 0.5 - 0.5 * Math.cos((2 * Math.PI * (u + 0.5)) / COLUMNS);
      out[v * COLUMNS + u] = ((out[v * COLUMNS + u] ?? 0) - mean) * tall * wide;
    }
  }
}
