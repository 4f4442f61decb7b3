import { readFile } from 'node:fs/promises';
import type { Clock } from '#contract/clock.ts';
import { parseWav, wavDurationMs } from '#contract/wav.ts';
import type { Recording, Speaker } from '../../ports/speaker.ts';
import { playForMs } from './real-time.ts';

export interface HeardClip {
  readonly file: string;
  readonly ended: 'finished' | 'stopped';
}

export interface SimSpeakerParts {
  readonly clock: Clock;
  /** How long a clip lasts; default: what its WAV file says. */
  readonly lengthMs?: (file: string) => Promise<number>;
}

/** Remembers what was played, for as long as it would have taken, and makes no sound. */
export class SimSpeaker implements Speaker {
  readonly #clock: Clock;
  readonly #lengthMs: (file: string) => Promise<number>;
  readonly #heard: HeardClip[] = [];

  constructor({ clock, lengthMs = lengthOfWav }: SimSpeakerParts) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  /** The last 1000 clips, oldest first. */
  get heard(): readonly HeardClip[] {
    return this.#heard;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async play(sound: string | Recording, signal: AbortSignal): Promise<void> {
    const isFile = typeof sound === 'string';
    const lengthMs = isFile ? await this.#lengthMs(sound) : wavDurationMs(sound);
    const ended = await playForMs(this.#clock, lengthMs, signal);
    this.#heard.push({ file: isFile ? sound : sound.name, ended });
    if (this.#heard.length > 1000) this.#heard.shift();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function lengthOfWav(file: string): Promise<number> {
  return wavDurationMs(parseWav(await readFile(file), file));
}
