import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

/** The result of `work`; WP2106 after `limitMs`, or the reason of an abort. Leaves no timer behind. */
export function inTime<T>(
  clock: Clock,
  limitMs: number,
  abort: AbortController,
  work: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => {
      const late = new WatchpostError('WP2106', { detail: `after ${limitMs} ms` });
      abort.abort(late);
    });
    abort.signal.addEventListener('abort', () => {
      cancel();
      reject(abort.signal.reason);
    });
    const run = async () => work(abort.signal);
    run().then(
      (value) => {
        cancel();
        resolve(value);
      },
      (cause: unknown) => {
        cancel();
        reject(cause);
      },
    );
  });
}
