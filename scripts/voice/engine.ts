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
    const args = ['-v', voice, '-s', String(wordsPerMinute), '-w', file, '--', mended(speech)];
    try {
      await run(this.#program, args, { timeout: SPEAK_LIMIT_MS });
    } catch (cause) {
      throw new WatchpostError('WP2508', { detail: `${voice}: ${speech}`, cause });
    }
  }

  /**
   * The phonemes it would say of each speech, by one call (espeak-ng(1), -x): a `(en)` among them shows words read as
   * English. Rejects with WP2508.
   */
  async phonemes(voice: string, speeches: readonly string[]): Promise<string[]> {
    const input = [BETWEEN, ...speeches.flatMap((speech) => [mended(speech), BETWEEN])].join('\n\n');
    const call = run(this.#program, ['-v', voice, '-q', '-x', '--stdin'], { timeout: SPEAK_LIMIT_MS });
    call.child.stdin?.end(`${input}\n`);
    const { stdout } = await call.catch((cause: unknown) => {
      throw new WatchpostError('WP2508', { detail: voice, cause });
    });
    const mark = stdout.trim().split('\n')[0]?.trim() ?? '';
    return stdout.split(mark).slice(1, -1);
  }
}

/** Said between two speeches: no language has these syllables, and each voice prints them in its own way. */
const BETWEEN = "[[t'at'at'a]].";

/**
 * espeak-ng 1.51 reads an Arabic doubled consonant only where the doubling stands before the vowel mark. Unicode's
 * normal form has it the other way round, and so has every editor that normalises.
 */
function mended(speech: string): string {
  return speech.replaceAll(/([\u064b-\u0650])\u0651/g, '\u0651$1');
}
