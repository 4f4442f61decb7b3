import type { Clock, MonoMs } from '#contract/clock.ts';

/** So many a second, and so many at once after a rest. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A bucket that fills by itself; who takes more than is in it has to wait until it is paid back. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: Rate;
  #tokens: number;
  #atMs: MonoMs;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = clock.monoMs();
  }

  /** What is in it now; below zero when more was taken than there was. */
  get tokens(): number {
    if (this.#tokens >= this.#rate.burst) return this.#tokens;
    const nowMs = this.#clock.monoMs();
    const earned = ((nowMs - this.#atMs) / 1000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + earned);
    this.#atMs = nowMs;
    return this.#tokens;
  }

  /** Nothing was taken for long enough: a new bucket would be the same. */
  get isFull(): boolean {
    return this.tokens >= this.#rate.burst;
  }

  take(count: number): void {
    const tokens = this.tokens;
    if (tokens >= this.#rate.burst) this.#atMs = this.#clock.monoMs();
    this.#tokens = tokens - count;
  }

  /** Milliseconds until `count` are in it; 0 when they are. */
  waitMs(count: number): number {
    const missing = Math.min(count, this.#rate.burst) - this.tokens;
    return missing <= 0 ? 0 : (missing / this.#rate.perSecond) * 1000;
  }
}
