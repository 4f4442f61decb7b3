import type { Cancel } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { TALK_SAMPLE_RATE } from '#contract/talk.ts';
import type { Link } from '../../ports/link.ts';
import type { Recording, SpeakAloud } from '../../ports/speaker.ts';
import type { TalkBox, TalkReference } from './talk-box.ts';

export interface TalkParts {
  readonly box: TalkBox;
  readonly voice: SpeakAloud;
  readonly link: Pick<Link, 'onContent'>;
  readonly log: Log;
}

/** Speaks what a dispatcher has said, once, and forgets it. */
export class Talk {
  readonly #parts: TalkParts;
  #stop: Cancel | null = null;

  constructor(parts: TalkParts) {
    this.#parts = parts;
  }

  start(): void {
    const { link, box } = this.#parts;
    this.#stop ??= link.onContent((piece) => box.take(piece));
  }

  /** Idempotent. What is being spoken is ended by the voice. */
  close(): void {
    this.#stop?.();
    this.#stop = null;
    this.#parts.box.clear();
  }

  /** Resolves when it was heard to its end. Rejects with WP7102, WP7104, or why nobody could hear it (WP25xx). */
  async speak(reference: TalkReference, signal: AbortSignal): Promise<{ readonly durationMs: number }> {
    const { box, voice, log } = this.#parts;
    const data = box.claim(reference);
    const recording: Recording = { name: reference.blob, sampleRate: TALK_SAMPLE_RATE, data };
    try {
      const durationMs = await voice.speak(recording, signal);
      log.info({ blob: reference.blob, durationMs }, 'talk.spoken');
      return { durationMs: Math.round(durationMs) };
    } finally {
      data.fill(0);
    }
  }
}
