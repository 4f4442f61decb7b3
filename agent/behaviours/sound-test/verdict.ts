import type { EventData } from '#contract/event-data.ts';
import type { Match } from './matched-filter.ts';
import { SAMPLE_RATE } from './sweep.ts';

export type Verdict = EventData<'wp.sound.tested.v1'>;

/**
 * Noise reaches z times its root mean square at one of N lags with a probability of at most 2 N Q(z) (Gaussian, union
 * bound): for the 9600 lags of a test and z = 8 that is 10⁻¹¹.
 */
export const LEAST_SURENESS = 8;

/** A prompt that comes later after the press than this is taken for none. */
export const MAX_DELAY_MS = 1000;

/** What a test has shown. `minLevelDb`: the least level at the microphone, against what was sent. */
export function verdictOf({ lag, levelDb, sureness }: Match, minLevelDb: number): Verdict {
  if (sureness < LEAST_SURENESS) return failed('not-heard');
  const measured = { levelDb: round(levelDb), delayMs: round((lag / SAMPLE_RATE) * 1000) };
  const cause = levelDb < minLevelDb ? 'too-quiet' : measured.delayMs > MAX_DELAY_MS ? 'too-late' : 'heard';
  return { passed: cause === 'heard', ...measured, cause };
}

export const failed = (cause: Verdict['cause']): Verdict => ({
  passed: false,
  levelDb: null,
  delayMs: null,
  cause,
});

const round = (value: number): number => Math.round(value * 10) / 10;
