import { WatchpostError } from '#contract/errors.ts';
import type { AdviceState } from './advice.ts';

export type Trouble = Extract<AdviceState, 'absent' | 'slow' | 'failing'>;

/** One look in a row that goes wrong is passed over; this many are trouble. */
const TROUBLE_AFTER = 2;

/** Whether there is a model to ask, as its answers show. */
export class WellBeing {
  /** Until the first answer nobody knows. */
  #trouble: Trouble | null = 'absent';
  #failures = 0;

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  answered(): void {
    this.#trouble = null;
    this.#failures = 0;
  }

  failed(error: unknown): void {
    const trouble = troubleOf(error);
    if (trouble === null) return;
    this.#failures++;
    const isCertain = trouble === 'absent' || this.#trouble !== null || this.#failures >= TROUBLE_AFTER;
    if (isCertain) this.#trouble = trouble;
  }
}

/** Null for what says nothing new: it is being loaded, or still busy. */
function troubleOf(error: unknown): Trouble | null {
  if (!(error instanceof WatchpostError)) return 'failing';
  switch (error.code) {
    case 'WP2450':
    case 'WP2451':
      return 'absent';
    case 'WP2455':
      return 'slow';
    case 'WP2457':
      return null;
    default:
      return 'failing';
  }
}
