import type { Cancel, Clock } from '#contract/clock.ts';

export interface PlaybackWatchOptions {
  readonly clock: Clock;
  /** Aborts what is played from outside. */
  readonly outer: AbortSignal;
  readonly onStuck: () => void;
}

/** Connecting may take so long: RTSP tries UDP for 5 s before TCP. */
const FIRST_FRAME_MS = 25_000;
/** A source that gives no frame for this long after that is closed and opened again. */
const STALL_MS = 10_000;
/** A reader that was told to end and has not by then never will. */
const STUCK_MS = 10_000;

/** Aborts its signal when no frame came in time, or with the outer one; then the reader must end. */
export class PlaybackWatch {
  readonly #clock: Clock;
  readonly #stalled = new AbortController();
  readonly #onStuck: () => void;
  readonly signal: AbortSignal;
  #cancelStall: Cancel | null = null;
  #cancelStuck: Cancel | null = null;
  #isClosed = false;

  constructor({ clock, outer, onStuck }: PlaybackWatchOptions) {
    this.#clock = clock;
    this.#onStuck = onStuck;
    this.signal = AbortSignal.any([outer, this.#stalled.signal]);
    this.signal.addEventListener('abort', () => this.#awaitEnd(), { once: true });
  }

  get hasStalled(): boolean {
    return this.#stalled.signal.aborted;
  }

  /** A source is being opened. */
  opening(): void {
    this.#stallAfter(FIRST_FRAME_MS);
  }

  /** A frame came. */
  alive(): void {
    this.#stallAfter(STALL_MS);
  }

  /** The reader has ended. */
  close(): void {
    this.#isClosed = true;
    this.#cancelStall?.();
    this.#cancelStuck?.();
  }

  #stallAfter(ms: number): void {
    this.#cancelStall?.();
    this.#cancelStall = this.#clock.after(ms, () => this.#stalled.abort());
  }

  #awaitEnd(): void {
    if (!this.#isClosed) this.#cancelStuck = this.#clock.after(STUCK_MS, this.#onStuck);
  }
}
