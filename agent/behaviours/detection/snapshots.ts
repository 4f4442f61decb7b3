import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { ReportedPicture } from './object-events.ts';

interface Waiting {
  readonly resolve: (picture: ReportedPicture) => void;
  readonly reject: (error: WatchpostError) => void;
  readonly cancel: Cancel;
}

/** More than this many at once are refused. */
const MAX_WAITING = 8;

/** Requests for pictures that wait for the child's answer, each with a timeout. */
export class Snapshots {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wait(requestId: string, timeoutMs: number): Promise<ReportedPicture> {
    if (this.#waiting.size >= MAX_WAITING) return Promise.reject(new WatchpostError('WP2407'));
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => this.#fail(requestId));
      this.#waiting.set(requestId, { resolve, reject, cancel });
    });
  }

  answer(requestId: string, picture: ReportedPicture | undefined): void {
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) return;
    if (picture === undefined) {
      this.#fail(requestId);
      return;
    }
    this.#waiting.delete(requestId);
    waiting.cancel();
    waiting.resolve(picture);
  }

  failAll(): void {
    for (const requestId of [...this.#waiting.keys()]) this.#fail(requestId);
  }

  #fail(requestId: string): void {
    const waiting = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    waiting?.cancel();
    waiting?.reject(new WatchpostError('WP2407'));
  }
}
