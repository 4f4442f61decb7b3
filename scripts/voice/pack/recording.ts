import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import { parseWav, type Wav, wavDurationMs } from '#contract/wav.ts';
import { loudnessOf } from '../loudness.ts';
import { levelled, samplesOf, TARGET_LUFS, trimmed } from '../sound.ts';

/** What speech is recorded at; lower rates lose the consonants (telephone), odd ones are mistakes of a converter. */
const SAMPLE_RATES = [16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const SHORTEST_MS = 300;
const LONGEST_MS = 30_000;
/** Raised by more than this, the noise of the room is raised into hearing too. */
const MOST_RAISED_DB = 20;
/** Samples at full scale one after another: what level meters count as an "over". */
const OVER = 3;

/** A clip as it will be played, and how loud it was recorded. */
export interface Recording {
  readonly wav: Wav;
  readonly lufs: number;
}

/**
 * Checks one recorded clip, cuts the silence around it and brings it to the loudness of all others. Throws WP2543
 * (format, sample rate), WP2544 (length) or WP2545 (loudness), naming the file.
 */
export function recordingOf(bytes: Buffer, path: string): Recording {
  const refuse = (code: ErrorCode, what: string, cause?: unknown) =>
    new WatchpostError(code, { detail: `${path}: ${what}`, cause });
  const wav = readWav(bytes, path, refuse);
  const samples = samplesOf(wav);
  const sound = trimmed(wav);
  const lufs = loudnessOf(samplesOf(sound), wav.sampleRate);
  if (sound.data.length === 0) throw refuse('WP2545', 'nothing is heard in it');
  const lengthMs = Math.round(wavDurationMs(sound));
  if (lengthMs < SHORTEST_MS || lengthMs > LONGEST_MS)
    throw refuse(
      'WP2544',
      `${lengthMs} ms without the silence around it, not ${SHORTEST_MS} to ${LONGEST_MS}`,
    );
  if (lufs < TARGET_LUFS - MOST_RAISED_DB)
    throw refuse('WP2545', `${lufs.toFixed(1)} LUFS, less than ${TARGET_LUFS - MOST_RAISED_DB}`);
  const over = firstOver(wav);
  if (over !== null)
    throw refuse(
      'WP2545',
      `its peaks are cut off at ${(over / wav.sampleRate).toFixed(2)} s of ${samples.length / wav.sampleRate} s`,
    );
  return { wav: levelled(sound), lufs };
}

type Refuse = (code: ErrorCode, what: string, cause?: unknown) => WatchpostError;

function readWav(bytes: Buffer, path: string, refuse: Refuse): Wav {
  const wav = parsed(bytes, path, refuse);
  if (!SAMPLE_RATES.includes(wav.sampleRate))
    throw refuse('WP2543', `${wav.sampleRate} samples a second, none of ${SAMPLE_RATES.join(', ')}`);
  return wav;
}

function parsed(bytes: Buffer, path: string, refuse: Refuse): Wav {
  try {
    return parseWav(bytes, path);
  } catch (cause) {
    if (!(cause instanceof WatchpostError)) throw cause;
    throw refuse('WP2543', cause.detail?.replace(`${path}: `, '') ?? cause.message, cause);
  }
}

/** Where the first run of samples at full scale begins, or null. */
function firstOver({ data }: Wav): number | null {
  let run = 0;
  for (let index = 0; index < data.length / 2; index += 1) {
    const sample = data.readInt16LE(index * 2);
    run = sample >= 32_767 || sample <= -32_768 ? run + 1 : 0;
    if (run === OVER) return index - OVER + 1;
  }
  return null;
}
