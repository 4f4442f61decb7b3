import type { Clock } from '#contract/clock.ts';
import type { BusMessage, Pipeline } from './addon.ts';

/** After the sink says end, the bus says within this time whether it was the end or an error. */
const END_GRACE_MS = 2000;
/** A poll takes about this long to notice `stop()` on an idle machine. */
const SETTLE_MS = 100;

/**
 * The bus of one pipeline. A poll of the addon holds a thread of libuv's pool and asks for the next message by
 * itself for as long as the pipeline is not stopped. One that has not noticed a stop before the next play goes on,
 * so a new one beside it would hold a second thread for good: after some plays none is left to pull frames with
 * (seen: with a pool of two threads at the 23rd play without a pause). Hence at most one, known by its messages.
 */
export class PipelineBus {
  readonly #pipeline: Pipeline;
  readonly #clock: Clock;
  #onWarning: (text: string) => void = () => undefined;
  #isPlaying = false;
  #isPolled = false;
  #ended = false;
  #wake: (() => void)[] = [];
  /** What the bus said went wrong in the play that is on or was the last. */
  failure: string | null = null;

  constructor(pipeline: Pipeline, clock: Clock) {
    this.#pipeline = pipeline;
    this.#clock = clock;
  }

  play(onWarning: (text: string) => void): void {
    this.#onWarning = onWarning;
    this.#ended = false;
    this.failure = null;
    this.#isPlaying = true;
    this.#pipeline.play();
    if (this.#isPolled) return;
    this.#isPolled = true;
    this.#pipeline.pollBus((message) => this.#take(message));
  }

  stop(): void {
    this.#isPlaying = false;
    this.#pipeline.stop();
  }

  /** Neither frame nor word came: the poll may have ended in silence, so that the next play begins another. */
  distrust(): void {
    this.#isPolled = false;
  }

  /** Waits until the bus has said how it ended, or no longer. */
  end(): Promise<void> {
    return this.#ended ? Promise.resolve() : this.#wait(END_GRACE_MS);
  }

  /** Waits until the poll has noticed the stop, or no longer. */
  settle(): Promise<void> {
    return this.#isPolled ? this.#wait(SETTLE_MS) : Promise.resolve();
  }

  /** Whether the addon asks for another message is decided by the pipeline's state when this returns. */
  #take(message: BusMessage): void {
    if (!this.#isPlaying) this.#isPolled = false;
    else this.#hear(message);
    if (!this.#isPolled || this.#ended) for (const wake of this.#wake.splice(0)) wake();
  }

  #hear({ type, message, debug }: BusMessage): void {
    if (type === 'warning') this.#onWarning(debug ?? message ?? 'a warning');
    else if (type === 'eos') this.#ended = true;
    else if (type === 'error') {
      this.failure ??= message ?? 'unknown error';
      this.#ended = true;
      // Without this the pull that waits never comes back.
      this.stop();
      this.#isPolled = false;
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      this.#wake.push(() => {
        cancel();
        resolve();
      });
    });
  }
}
