import type { Cancel, Clock } from './clock.ts';
import type { Log } from './log.ts';

/** One thing that must work for the program to be worth keeping; `look` throws, or rejects, where it does not. */
export interface LifeSign {
  readonly name: string;
  look(): void | Promise<void>;
}

export interface WatchdogParts {
  readonly signs: readonly LifeSign[];
  /** Tells whoever watches that the program is alive. */
  readonly feed: () => void;
  /** Without a word for this long the program is killed. */
  readonly withinMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks in each `withinMs`, so that one that goes wrong by chance, or comes late, is not the end. */
const LOOKS = 4;

/**
 * Feeds a watchdog for as long as every sign of life is there. What is missing is logged once and nothing is done
 * about it: the program is killed from outside, as one that stands still is, and begins anew.
 */
export class Watchdog {
  readonly #parts: WatchdogParts;
  #cancel: Cancel | null = null;
  #isLooking = false;
  #missing = '';

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, withinMs } = this.#parts;
    if (this.#cancel !== null) return;
    this.#cancel = clock.every(withinMs / LOOKS, () => this.#look());
    this.#look();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** A look that does not come back is followed by no other. */
  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const looks = this.#parts.signs.map((sign) => this.#seen(sign));
    void Promise.all(looks).then((seen) => {
      this.#isLooking = false;
      if (this.#cancel !== null && seen.every(Boolean)) this.#alive();
    });
  }

  #alive(): void {
    const { feed, log } = this.#parts;
    if (this.#missing !== '') log.info({ sign: this.#missing }, 'watchdog.well-again');
    this.#missing = '';
    feed();
  }

  async #seen(sign: LifeSign): Promise<boolean> {
    const { name } = sign;
    try {
      await sign.look();
      return true;
    } catch (cause) {
      if (this.#missing !== name)
        this.#parts.log.error({ code: 'WP2610', sign: name, err: cause }, 'watchdog.not-fed');
      this.#missing = name;
      return false;
    }
  }
}
