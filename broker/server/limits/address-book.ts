import { addressKey } from '#broker/auth/address-key.ts';
import type { Clock } from '#contract/clock.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

interface Entry {
  open: number;
  readonly connects: TokenBucket;
}

export interface AddressLimits {
  /** Connections at once. */
  readonly open: number;
  readonly connects: Rate;
}

/**
 * Addresses that have no connection are remembered up to this number, the one heard of longest ago being forgotten
 * first: whoever floods chooses the addresses.
 */
const IDLE_MAX = 10_000;

/** Connections and their rate by IPv4 address and by IPv6 /64. Its size is bounded by the connections and 10,000. */
export class AddressBook {
  readonly #clock: Clock;
  readonly #limits: AddressLimits;
  readonly #busy = new Map<string, Entry>();
  readonly #idle = new Map<string, Entry>();

  constructor(clock: Clock, limits: AddressLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Addresses remembered. */
  get size(): number {
    return this.#busy.size + this.#idle.size;
  }

  /** Counts one connection more, or says why there may be none. Every attempt costs. */
  open(address: string): 'opened' | 'too-many' | 'too-fast' {
    const key = addressKey(address);
    const entry = this.#busy.get(key) ?? this.#idle.get(key) ?? this.#fresh();
    const isTooFast = entry.connects.tokens < 1;
    if (!isTooFast) entry.connects.take(1);
    if (isTooFast || entry.open >= this.#limits.open) {
      this.#file(key, entry);
      return isTooFast ? 'too-fast' : 'too-many';
    }
    entry.open += 1;
    this.#file(key, entry);
    return 'opened';
  }

  /** One that was opened has ended. */
  close(address: string): void {
    const key = addressKey(address);
    const entry = this.#busy.get(key);
    if (entry === undefined) return;
    entry.open -= 1;
    this.#file(key, entry);
  }

  #fresh(): Entry {
    return { open: 0, connects: new TokenBucket(this.#clock, this.#limits.connects) };
  }

  #file(key: string, entry: Entry): void {
    this.#idle.delete(key);
    if (entry.open > 0) {
      this.#busy.set(key, entry);
      return;
    }
    this.#busy.delete(key);
    if (entry.connects.isFull) return;
    this.#idle.set(key, entry);
    const [oldest] = this.#idle.keys();
    if (this.#idle.size > IDLE_MAX && oldest !== undefined) this.#idle.delete(oldest);
  }
}
