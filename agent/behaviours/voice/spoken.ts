import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Recording } from '../../ports/speaker.ts';
import type { Clip } from './clips.ts';
import type { Playback } from './playback.ts';
import type { Prompt } from './prompt-queue.ts';

const BYTES_PER_SAMPLE = 2;
/** Stands where prompts have their key: in the state of the device, and in the log. */
const KEY = 'talk-back';

/** A recording on its way through the arbiter. */
export interface Spoken {
  readonly clip: Clip;
  /** Told once how it ended. */
  readonly end: (playback: Playback) => void;
}

/** It and the promise of its end: its length in milliseconds, or why it was not heard. */
export function spokenOf(recording: Recording): { readonly spoken: Spoken; readonly heard: Promise<number> } {
  const { name, sampleRate, data } = recording;
  const durationMs = (data.length / BYTES_PER_SAMPLE / sampleRate) * 1000;
  const { promise: heard, resolve, reject } = Promise.withResolvers<number>();
  const end = ({ ended, error }: Playback) => {
    if (ended === 'stopped') reject(new WatchpostError('WP7104'));
    else if (error === null) resolve(durationMs);
    else reject(error);
  };
  const clip = { key: KEY, language: '', text: '', file: name, durationMs, recording };
  return { spoken: { clip, end }, heard };
}

/** As a prompt in one language that is none. */
export function promptOfSpoken(spoken: Spoken, clock: Clock): Prompt {
  const nowMs = clock.monoMs();
  return {
    ...{ key: KEY, priority: 'talk-back', languages: [''], repeatEveryMs: null, spoken },
    ...{ askedAtMs: nowMs, nextLanguage: 0, dueAtMs: nowMs },
  };
}
