import type { Cancel, Clock } from '#contract/clock.ts';

interface Timer {
  dueMs: number;
  readonly periodMs: number | null;
  readonly callback: () => void;
}

/** A clock on which a day passes as fast as what it calls can work. Begins at `wallMs`. */
export class HurriedClock implements Clock {
  #wallMs: number;
  readonly #timers = new Set<Timer>();
  #monoMs = 0;

  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }

  wallMs(): number {
    return this.#wallMs + this.#monoMs;
  }

  monoMs(): number {
    return this.#monoMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#add({ dueMs: this.#monoMs + delayMs, periodMs: null, callback });
  }

  every(periodMs: number, callback: () => void): Cancel {
    return this.#add({ dueMs: this.#monoMs + periodMs, periodMs, callback });
  }

  /** Sets the date without letting time pass. */
  moveDate(ms: number): void {
    this.#wallMs += ms;
  }

  /** Calls what falls due meanwhile, in its order. */
  pass(ms: number): void {
    const endMs = this.#monoMs + ms;
    for (let timer = this.#firstUntil(endMs); timer !== null; timer = this.#firstUntil(endMs)) {
      this.#monoMs = Math.max(this.#monoMs, timer.dueMs);
      if (timer.periodMs === null) this.#timers.delete(timer);
      else timer.dueMs += timer.periodMs;
      timer.callback();
    }
    this.#monoMs = endMs;
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  #firstUntil(endMs: number): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && timer.dueMs < (first?.dueMs ?? Number.POSITIVE_INFINITY)) first = timer;
    }
    return first;
  }
}
