const PICTURES = 5;

/** The first background: the median of five pictures over the first seconds, in which a walker disappears. */
export class Bootstrap {
  readonly #spacingS: number;
  readonly #pictures: Float32Array[] = [];
  #nextT = 0;

  constructor(durationS: number) {
    this.#spacingS = durationS / (PICTURES - 1);
  }

  /** Takes in a picture; answers the background once there are enough. */
  add(picture: Float32Array, t: number): Float32Array | null {
    if (t + 1e-6 < this.#nextT) return null;
    this.#pictures.push(picture.slice());
    this.#nextT = t + this.#spacingS;
    return this.#pictures.length < PICTURES ? null : this.#median(picture.length);
  }

  #median(pixels: number): Float32Array {
    const out = new Float32Array(pixels);
    const values = new Float32Array(PICTURES);
    for (let i = 0; i < pixels; i++) {
      for (let p = 0; p < PICTURES; p++) values[p] = this.#pictures[p]?.[i] ?? 0;
      values.sort();
      out[i] = values[PICTURES >> 1] ?? 0;
    }
    return out;
  }
}
