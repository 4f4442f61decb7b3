import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { WatchpostError } from '#contract/errors.ts';

const run = promisify(execFile);
const SPEAK_LIMIT_MS = 20_000;

export interface SpeechRequest {
  /** The engine's name of the voice. */
  readonly voice: string;
  readonly wordsPerMinute: number;
  readonly speech: string;
  /** WAV file to write. */
  readonly file: string;
}

/** Turns words into sound ahead of time. */
export interface SpeechEngine {
  /** Changes when the same words would sound different. Rejects with WP2507 when there is no engine. */
  version(): Promise<string>;
  /** Rejects with WP2508. */
  speak(request: SpeechRequest): Promise<void>;
}

/** espeak-ng, found in PATH. */
export class EspeakEngine implements SpeechEngine {
  readonly #program: string;

  constructor(program = 'espeak-ng') {
    this.#program = program;
  }

  async version(): Promise<string> {
    try {
      const { stdout } = await run(this.#program, ['--version'], { timeout: SPEAK_LIMIT_MS });
      return stdout.split(' Data at:')[0]?.trim() ?? stdout.trim();
    } catch (cause) {
      throw new WatchpostError('WP2507', { detail: this.#program, cause });
    }
  }

  async speak({ voice, wordsPerMinute, speech, file }: SpeechRequest): Promise<void> {
    const args = ['-v', voice, '-s', String(wordsPerMinute), '-w', file, '--', speech];
    try {
      await run(this.#program, args, { timeout: SPEAK_LIMIT_MS });
    } catch (cause) {
      throw new WatchpostError('WP2508', { detail: `${voice}: ${speech}`, cause });
    }
  }

  /** The phonemes it would say: a `(en)` among them shows words read as English (espeak-ng(1), -x). */
  async phonemes(voice: string, speech: string): Promise<string> {
    const { stdout } = await run(this.#program, ['-v', voice, '-q', '-x', '--', speech]);
    return stdout;
  }
}
