/** The first wait is drawn from this much, so that a site's devices do not come back in the same second. */
const FIRST_MS = 5_000;
/** With an alarm to deliver. Few devices have one at a time. */
const FIRST_URGENT_MS = 500;

export interface BackoffOptions {
  readonly maxMs: number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Exponential backoff with full jitter: each wait is drawn evenly from 0 to a bound that doubles. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  reset(): void {
    this.#failures = 0;
  }

  nextMs(need: 'ordinary' | 'urgent'): number {
    const firstMs = need === 'urgent' ? FIRST_URGENT_MS : FIRST_MS;
    const boundMs = Math.min(this.#options.maxMs, firstMs * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    return Math.floor(this.#options.random() * boundMs);
  }
}
