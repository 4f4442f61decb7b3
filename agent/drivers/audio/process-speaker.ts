import { readFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { parseWav, wavHeader } from '#contract/wav.ts';
import type { Gain, Recording, Speaker } from '../../ports/speaker.ts';
import { type Feeding, feed } from './feed.ts';
import { withoutLead } from './gain.ts';
import { runPlayer } from './player-process.ts';
import type { Player } from './players.ts';

/** A sound server that has not answered by then is not there. */
const PROBE_LIMIT_MS = 2000;

export interface ProcessSpeakerParts {
  readonly clock: Clock;
  readonly player: Player;
  readonly device?: string | undefined;
  /** Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Plays each clip with a program of the sound system, killed at once when it is to stop. */
export class ProcessSpeaker implements Speaker {
  readonly #clock: Clock;
  readonly #player: Player;
  readonly #device: string | undefined;
  readonly #env: NodeJS.ProcessEnv;

  constructor({ clock, player, device, env = process.env }: ProcessSpeakerParts) {
    this.#clock = clock;
    this.#player = player;
    this.#device = device;
    this.#env = env;
  }

  get mixes(): boolean {
    return this.#player.mixes;
  }

  /** Rejects with WP2504 when the sound server or card does not answer, or has nothing to be heard on. */
  async start(): Promise<void> {
    const command = this.#player.probe(this.#device);
    const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
    const result = await runPlayer(command, { env: this.#env, signal });
    const lack =
      result.status === 0 && !signal.aborted
        ? this.#player.lacks(result.shown, this.#device)
        : result.said || `no answer within ${PROBE_LIMIT_MS} ms`;
    if (lack !== null) throw new WatchpostError('WP2504', { detail: `${command.join(' ')}: ${lack}` });
  }

  /** Rejects with WP2505 with what the player said, WP2509 for a clip that cannot be read. */
  async play(sound: string | Recording, signal: AbortSignal, gain: Gain = 0): Promise<void> {
    if (signal.aborted) return;
    const wav = typeof sound === 'string' ? parseWav(await readClip(sound), sound) : sound;
    const result = await runPlayer(this.#player.command(wav.sampleRate, this.#device), {
      env: this.#env,
      signal,
      feed: (input) => this.#feed(input, { clock: this.#clock, wav: withoutLead(wav), gain, signal }),
    });
    if (result.status !== 0 && !signal.aborted)
      throw new WatchpostError('WP2505', { detail: `${this.#player.output}: ${result.said}` });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #feed(input: Writable, feeding: Feeding): void {
    const { sampleRate, data } = feeding.wav;
    if (this.#player.takes === 'wav') input.write(wavHeader(sampleRate, data.length));
    feed(input, feeding);
  }
}

async function readClip(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new WatchpostError('WP2509', { detail: file, cause });
  }
}
