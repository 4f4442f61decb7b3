import { WatchpostError } from '#contract/errors.ts';
import { TALK_LENGTH, TALK_SAMPLE_RATE } from '#contract/talk.ts';
import { parseWav, type Wav, wavDurationMs } from '#contract/wav.ts';

/**
 * The samples of a WAV file that devices play, without whatever else stands in it: who recorded it with what is
 * nobody's business. Throws WP7100 with what is wrong.
 */
export function samplesOf(body: unknown): Buffer {
  if (!(body instanceof Buffer)) throw new WatchpostError('WP7100', { detail: 'the body is not audio/wav' });
  const wav = read(body);
  if (wav.sampleRate !== TALK_SAMPLE_RATE)
    throw new WatchpostError('WP7100', { detail: `${wav.sampleRate} samples a second` });
  const seconds = wavDurationMs(wav) / 1000;
  if (seconds < TALK_LENGTH.least || seconds > TALK_LENGTH.most)
    throw new WatchpostError('WP7100', { detail: `${seconds.toFixed(1)} s long` });
  return wav.data;
}

function read(body: Buffer): Wav {
  try {
    return parseWav(body, 'body');
  } catch (cause) {
    const detail = cause instanceof WatchpostError ? cause.detail : undefined;
    throw new WatchpostError('WP7100', { cause, ...(detail === undefined ? {} : { detail }) });
  }
}
