import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

/** The result of `work`, or WP2502 when it has not come after `limitMs`. Leaves no timer behind. */
export function within<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () =>
      reject(new WatchpostError('WP2502', { detail: `after ${limitMs} ms` })),
    );
    work.then(
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
