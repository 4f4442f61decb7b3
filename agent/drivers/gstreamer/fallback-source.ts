import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import { WatchpostError } from '#contract/errors.ts';
import { isSecret } from './launch.ts';

/**
 * Plays by `first`; when that gave neither a picture nor a word, the next play is `second`'s, for the fault may be
 * the reader's and not the camera's. After that `first` has its turn again. An address with a password stays with
 * `first`, since `second` would show it.
 */
export class FallbackFrameSource implements FrameSource {
  readonly #first: FrameSource;
  readonly #second: () => FrameSource | null;
  #now: FrameSource;

  /** `second` is asked for only when it is needed; null where this machine has none. */
  constructor(first: FrameSource, second: () => FrameSource | null) {
    this.#first = first;
    this.#second = second;
    this.#now = first;
  }

  get backend(): FrameSource['backend'] {
    return this.#now.backend;
  }

  async *frames(request: FrameRequest, signal: AbortSignal): AsyncGenerator<Frame> {
    const playing = this.#now;
    try {
      yield* playing.frames(request, signal);
    } catch (error) {
      const isSilent = error instanceof WatchpostError && error.code === 'WP2403';
      if (playing === this.#first && isSilent && !isSecret(request.source))
        this.#now = this.#second() ?? this.#first;
      throw error;
    } finally {
      if (playing !== this.#first) this.#now = this.#first;
    }
  }
}
