import { readFile } from 'node:fs/promises';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { parseWav } from '#contract/wav.ts';
import type { Gain, Recording, Speaker } from '../../ports/speaker.ts';
import { feed } from './feed.ts';
import { dbNow, factorOf } from './gain.ts';
import { type Result, runPlayer } from './player-process.ts';
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

  /** Only sound servers put sounds together; a card is held by one program. */
  get mixes(): boolean {
    return this.#player.output === 'pulse';
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
    const { takes } = this.#player;
    const result = await (takes === 'file'
      ? this.#run({ file: fileOf(sound), sampleRate: 0, factor: factorOf(dbNow(gain)) }, { signal })
      : this.#feed(sound, signal, gain));
    if (result.status !== 0 && !signal.aborted)
      throw new WatchpostError('WP2505', { detail: `${this.#player.output}: ${result.said}` });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #feed(sound: string | Recording, signal: AbortSignal, gain: Gain): Promise<Result> {
    const wav = typeof sound === 'string' ? parseWav(await readClip(sound), sound) : sound;
    const { sampleRate } = wav;
    return this.#run(
      { file: '', sampleRate, factor: 1 },
      { signal, feed: (input) => feed(input, { clock: this.#clock, wav, gain, signal }) },
    );
  }

  #run(
    sound: Parameters<Player['command']>[0],
    options: Pick<Parameters<typeof runPlayer>[1], 'signal' | 'feed'>,
  ): Promise<Result> {
    return runPlayer(this.#player.command(sound, this.#device), { env: this.#env, ...options });
  }
}

/** Sound in memory must not become a file. */
function fileOf(sound: string | Recording): string {
  if (typeof sound === 'string') return sound;
  throw new WatchpostError('WP2505', { detail: 'this player takes files only' });
}

async function readClip(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new WatchpostError('WP2509', { detail: file, cause });
  }
}
