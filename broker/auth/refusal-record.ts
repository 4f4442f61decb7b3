import type { Clock, MonoMs } from '#contract/clock.ts';

/** Rows of refused attempts that may follow one another, and how often one more may be written. */
const BURST = 60;
const REFILL_MS = 10_000;
/** How long an address that is turned away again and again is not written down again. */
const LIMITED_AGAIN_MS = 600_000;
const MAX_ADDRESSES = 1000;

/** Which refused attempts are written down: a flood of them must not become a flood of rows that nobody can read. */
export class RefusalRecord {
  readonly #clock: Clock;
  readonly #limited = new Map<string, MonoMs>();
  #left = BURST;
  #atMs: MonoMs;
  #suppressed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.monoMs();
  }

  /** How many went unwritten since the row before, if this one is to be written; null when it is not. */
  take(address: string, kind: 'wrong' | 'expired' | 'limited'): number | null {
    if ((kind === 'limited' && this.#isKnown(address)) || !this.#spend()) {
      this.#suppressed += 1;
      return null;
    }
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }

  #spend(): boolean {
    const nowMs = this.#clock.monoMs();
    this.#left = Math.min(BURST, this.#left + (nowMs - this.#atMs) / REFILL_MS);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  #isKnown(address: string): boolean {
    const nowMs = this.#clock.monoMs();
    const sinceMs = this.#limited.get(address);
    if (sinceMs !== undefined && nowMs - sinceMs < LIMITED_AGAIN_MS) return true;
    this.#limited.delete(address);
    this.#limited.set(address, nowMs);
    const [oldest] = this.#limited.keys();
    if (this.#limited.size > MAX_ADDRESSES && oldest !== undefined) this.#limited.delete(oldest);
    return false;
  }
}
