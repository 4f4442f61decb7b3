import { LEVEL } from './kernel/steps.ts';

const PICTURES = 5;

/** The first background: the median of five pictures over the first seconds, in which a walker disappears. */
export class Bootstrap {
  readonly #spacingS: number;
  readonly #pictures: Uint8Array[] = [];
  #nextT = 0;

  constructor(durationS: number) {
    this.#spacingS = durationS / (PICTURES - 1);
  }

  /** Takes in a picture; once there are enough, writes the background (in 1/LEVEL) to `out` and answers true. */
  add(picture: Uint8Array, t: number, out: Int16Array): boolean {
    if (t + 1e-6 < this.#nextT) return false;
    this.#pictures.push(picture.slice());
    this.#nextT = t + this.#spacingS;
    if (this.#pictures.length < PICTURES) return false;
    this.#median(out);
    return true;
  }

  #median(out: Int16Array): void {
    const values = new Uint8Array(PICTURES);
    for (let i = 0; i < out.length; i++) {
      for (let p = 0; p < PICTURES; p++) values[p] = this.#pictures[p]?.[i] ?? 0;
      values.sort();
      out[i] = (values[PICTURES >> 1] ?? 0) * LEVEL;
    }
  }
}
