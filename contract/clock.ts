/** Milliseconds since 1970-01-01T00:00Z by this machine's wall clock; may jump and may be wrong. */
export type WallMs = number;
/** Milliseconds since an arbitrary start, never going back: the only clock that durations may use. */
export type MonoMs = number;

/** How far the wall clock can be trusted: set from outside, running on since, or never set since boot. */
export const CLOCK_QUALITIES = ['synced', 'holdover', 'unset'] as const;
export type ClockQuality = (typeof CLOCK_QUALITIES)[number];

export type Cancel = () => void;

/** Time as a replaceable part. Everything that waits or dates takes one of these. */
export interface Clock {
  wallMs(): WallMs;
  monoMs(): MonoMs;
  /** Calls `callback` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, callback: () => void): Cancel;
  /** Calls `callback` every `periodMs` until cancelled. */
  every(periodMs: number, callback: () => void): Cancel;
}

/** Resolves after `delayMs`; rejects with the signal's reason when aborted first. */
export function wait(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  every: (periodMs, callback) => {
    const timer = setInterval(callback, periodMs);
    return () => clearInterval(timer);
  },
};
