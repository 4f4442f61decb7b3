import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import { isSecret } from './launch.ts';

/** Plays by `open`, and what nobody else on the machine may read by `discreet`, where there is one. */
export class DiscreetFrameSource implements FrameSource {
  readonly #open: FrameSource;
  readonly #discreet: () => FrameSource | null;

  constructor(open: FrameSource, discreet: () => FrameSource | null) {
    this.#open = open;
    this.#discreet = discreet;
  }

  get backend(): FrameSource['backend'] {
    return this.#open.backend;
  }

  frames(request: FrameRequest, signal: AbortSignal): AsyncIterable<Frame> {
    const discreet = isSecret(request.source) ? this.#discreet() : null;
    return (discreet ?? this.#open).frames(request, signal);
  }
}
