/** A small generator of its own (mulberry32), so that a scene is the same on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws in the units that a scene is described in. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(Math.imul(seed, 0x9e3779b1) ^ 0x5bf03635);
  }

  /** Uniform from `low` up to `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.#random();
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  sign(): 1 | -1 {
    return this.#random() < 0.5 ? -1 : 1;
  }

  /** One of `values`, which must not be empty. */
  one<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.#random() * values.length)] ?? values[0];
  }

  /** About normal, mean 0 and standard deviation 1: the sum of twelve. */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.#random();
    return sum;
  }
}
