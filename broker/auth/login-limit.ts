import type { Clock, MonoMs } from '#contract/clock.ts';
import { type AccessSettings, DEFAULT_ACCESS } from './access-settings.ts';
import { addressKey } from './address-key.ts';

export interface Attempt {
  readonly address: string;
  /** Who it says it is; null where a token speaks. */
  readonly name: string | null;
  /** Whether this person has signed in from here before. */
  readonly place: 'known' | 'strange';
}

/** Addresses and names remembered at most; the one heard of longest ago is forgotten first. */
const MAX_KEPT = 10_000;

/**
 * How often one may be wrong. An address has its attempts, and so has a name, so that guessing from many addresses is
 * slow, too; but the name's do not count where its owner has signed in before: nobody can lock a dispatcher out of
 * the own desk. An attempt costs when it is made and is given back when it was right, so that many at once gain
 * nothing.
 */
export class LoginLimit {
  readonly #addresses: Buckets;
  readonly #names: Buckets;

  constructor(clock: Clock, settings: AccessSettings = DEFAULT_ACCESS) {
    const { attemptsPerAddress, addressRefillS, attemptsPerName, nameRefillS } = settings;
    this.#addresses = new Buckets(clock, { size: attemptsPerAddress, refillMs: addressRefillS * 1000 });
    this.#names = new Buckets(clock, { size: attemptsPerName, refillMs: nameRefillS * 1000 });
  }

  /** Seconds to wait, or 0 when the attempt may be made, which is then paid for. */
  take({ address, name, place }: Attempt): number {
    const key = addressKey(address);
    const byName = name === null || place === 'known' ? null : name;
    const waitS = Math.max(this.#addresses.waitS(key), byName === null ? 0 : this.#names.waitS(byName));
    if (waitS > 0) return waitS;
    this.#addresses.add(key, -1);
    if (byName !== null) this.#names.add(byName, -1);
    return 0;
  }

  /** The attempt was right, or was never judged. */
  giveBack({ address, name, place }: Attempt): void {
    this.#addresses.add(addressKey(address), 1);
    if (name !== null && place === 'strange') this.#names.add(name, 1);
  }
}

interface Bucket {
  readonly left: number;
  readonly atMs: MonoMs;
}

/** Token buckets by key; a full one needs no memory. */
class Buckets {
  readonly #clock: Clock;
  readonly #size: number;
  readonly #refillMs: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, { size, refillMs }: { size: number; refillMs: number }) {
    this.#clock = clock;
    this.#size = size;
    this.#refillMs = refillMs;
  }

  waitS(key: string): number {
    const left = this.#left(key);
    return left >= 1 ? 0 : Math.ceil(((1 - left) * this.#refillMs) / 1000);
  }

  add(key: string, attempts: 1 | -1): void {
    const left = Math.max(0, Math.min(this.#size, this.#left(key) + attempts));
    this.#buckets.delete(key);
    if (left === this.#size) return;
    this.#buckets.set(key, { left, atMs: this.#clock.monoMs() });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_KEPT && oldest !== undefined) this.#buckets.delete(oldest);
  }

  #left(key: string): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#size;
    return Math.min(this.#size, bucket.left + (this.#clock.monoMs() - bucket.atMs) / this.#refillMs);
  }
}
