import type { Cancel, Clock } from '#contract/clock.ts';

interface Timer {
  dueMs: number;
  readonly periodMs: number | null;
  readonly callback: () => void;
}

/** A clock that moves only when told; timers fire in order of their due time. */
export class ManualClock implements Clock {
  #wallMs: number;
  #monoMs = 0;
  #timers = new Set<Timer>();

  constructor(wallMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = wallMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monoMs(): number {
    return this.#monoMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#add({ dueMs: this.#monoMs + Math.max(0, delayMs), periodMs: null, callback });
  }

  every(periodMs: number, callback: () => void): Cancel {
    return this.#add({ dueMs: this.#monoMs + periodMs, periodMs, callback });
  }

  /** How many timers wait: 0 at the end of a test shows that nothing was left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Sets the wall clock without letting time pass. */
  setWall(wallMs: number): void {
    this.#wallMs = wallMs;
  }

  /** Lets `ms` pass, firing what falls due, and gives promises a turn after each firing. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monoMs + ms;
    await settle();
    for (let timer = this.#next(endMs); timer !== null; timer = this.#next(endMs)) {
      this.#moveTo(timer.dueMs);
      if (timer.periodMs === null) this.#timers.delete(timer);
      else timer.dueMs += timer.periodMs;
      timer.callback();
      await settle();
    }
    this.#moveTo(endMs);
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  #next(endMs: number): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (first === null || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  }

  #moveTo(monoMs: number): void {
    if (monoMs <= this.#monoMs) return;
    this.#wallMs += monoMs - this.#monoMs;
    this.#monoMs = monoMs;
  }
}

/** A turn for everything already resolved. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
