import type { Clock } from '#contract/clock.ts';

/** Lets `ms` pass as a player would; ends early when the signal comes. Leaves no timer behind. */
export function playForMs(clock: Clock, ms: number, signal: AbortSignal): Promise<'finished' | 'stopped'> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve('stopped');
    const onAbort = () => {
      cancel();
      resolve('stopped');
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve('finished');
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
