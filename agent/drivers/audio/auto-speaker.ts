import type { Clock, MonoMs } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Gain, Recording, Speaker } from '../../ports/speaker.ts';
import type { AudioOutput } from './config.ts';

/** While there is no sound device it is looked for this often, at a prompt. */
export const LOOK_AGAIN_MS = 30_000;

/** One way out for sound. */
export interface Candidate {
  readonly output: AudioOutput;
  readonly speaker: Speaker;
}

/** Where sound goes now; `problem` is why it is not the sound device. */
export interface AudioChoice {
  readonly output: AudioOutput;
  readonly problem: WatchpostError | null;
}

/** A choice as health: `degraded` while sound goes elsewhere than to the device. At most 400 characters of detail. */
export interface AudioHealth {
  readonly state: 'ok' | 'degraded';
  readonly code?: string;
  readonly detail?: string;
}

export function healthOfChoice({ problem }: AudioChoice): AudioHealth {
  if (problem === null) return { state: 'ok' };
  return { state: 'degraded', code: problem.code, detail: problem.message.slice(0, 400) };
}

export interface AutoSpeakerParts {
  readonly clock: Clock;
  /** Tried in this order. */
  readonly candidates: readonly Candidate[];
  /** Takes what none of them plays. */
  readonly last: Candidate;
  /** Called when the choice changes. */
  readonly onChoice: (choice: AudioChoice) => void;
}

/**
 * Uses the first sound system that answers. One that fails hands its clip to the last resort, and is looked for
 * again later: the sound server may start after the agent, or be restarted.
 */
export class AutoSpeaker implements Speaker {
  readonly #parts: AutoSpeakerParts;
  #chosen: Candidate | null = null;
  #told: AudioOutput | null = null;
  #lookedAtMs: MonoMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  constructor(parts: AutoSpeakerParts) {
    this.#parts = parts;
  }

  get mixes(): boolean {
    return this.#chosen?.speaker.mixes ?? false;
  }

  async start(): Promise<void> {
    await this.#parts.last.speaker.start();
    await this.#look();
  }

  async play(sound: string | Recording, signal: AbortSignal, gain?: Gain): Promise<void> {
    const chosen = this.#chosen;
    if (chosen === null) {
      // The prompt does not wait for the search; the next one profits from it.
      if (this.#parts.clock.monoMs() - this.#lookedAtMs >= LOOK_AGAIN_MS) void this.#look();
      return this.#parts.last.speaker.play(sound, signal, gain);
    }
    try {
      await chosen.speaker.play(sound, signal, gain);
    } catch (cause) {
      this.#lose(cause);
      if (typeof sound !== 'string') throw cause;
      await this.#parts.last.speaker.play(sound, signal, gain);
    }
  }

  /** A sound system that has gone since the last clip is found out now, and given up. */
  async isThere(): Promise<boolean> {
    const chosen = this.#chosen;
    if (chosen === null) return false;
    try {
      await chosen.speaker.start();
      return true;
    } catch (cause) {
      this.#lose(cause);
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#looking;
    for (const { speaker } of [...this.#parts.candidates, this.#parts.last]) await speaker.close();
  }

  #lose(cause: unknown): void {
    this.#chosen = null;
    this.#tell(asAudioError(cause));
  }

  #look(): Promise<void> {
    this.#looking ??= this.#tryAll().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #tryAll(): Promise<void> {
    this.#lookedAtMs = this.#parts.clock.monoMs();
    let problem: WatchpostError | null = null;
    for (const candidate of this.#parts.candidates) {
      try {
        await candidate.speaker.start();
        this.#chosen = candidate;
        this.#tell(null);
        return;
      } catch (cause) {
        problem ??= asAudioError(cause);
      }
    }
    this.#tell(problem);
  }

  #tell(problem: WatchpostError | null): void {
    const { output } = this.#chosen ?? this.#parts.last;
    if (this.#told === output) return;
    this.#told = output;
    this.#parts.onChoice({ output, problem });
  }
}

function asAudioError(cause: unknown): WatchpostError {
  return cause instanceof WatchpostError ? cause : new WatchpostError('WP2504', { cause });
}
