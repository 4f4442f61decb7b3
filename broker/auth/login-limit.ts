import type { Clock, MonoMs } from '#contract/clock.ts';

/** Wrong attempts that one address has before it must wait, and how long until it gets one back. */
const ATTEMPTS = 10;
const REFILL_MS = 30_000;
/** Addresses remembered at most; the one heard of longest ago is forgotten first. */
const MAX_ADDRESSES = 10_000;

interface Bucket {
  readonly left: number;
  readonly atMs: MonoMs;
}

/** A token bucket an address. Only wrong attempts cost. */
export class LoginLimit {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds to wait, or 0 when an attempt may be made. */
  waitS(address: string): number {
    const left = this.#left(address);
    return left >= 1 ? 0 : Math.ceil(((1 - left) * REFILL_MS) / 1000);
  }

  failed(address: string): void {
    const left = Math.max(0, this.#left(address) - 1);
    this.#buckets.delete(address);
    this.#buckets.set(address, { left, atMs: this.#clock.monoMs() });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_ADDRESSES && oldest !== undefined) this.#buckets.delete(oldest);
  }

  #left(address: string): number {
    const bucket = this.#buckets.get(address);
    if (bucket === undefined) return ATTEMPTS;
    return Math.min(ATTEMPTS, bucket.left + (this.#clock.monoMs() - bucket.atMs) / REFILL_MS);
  }
}
