import type { Writable } from 'node:stream';
import type { Clock } from '#contract/clock.ts';
import { bytesOfMs, type Wav } from '#contract/wav.ts';
import type { Gain } from '../../ports/speaker.ts';
import { dbNow, factorOf, scaled } from './gain.ts';

/** Sound that is written ahead of what is heard where its gain may change: as long as this process may stall unheard. */
export const AHEAD_MS = 300;
/** How often the gain is asked for; a change fades over this long. */
export const STEP_MS = 50;

export interface Feeding {
  readonly clock: Clock;
  readonly wav: Wav;
  readonly gain: Gain;
  /** Ends the feeding; the player is killed by whoever started it. */
  readonly signal: AbortSignal;
}

/**
 * Writes the sound to a player. With a gain that stays it is written at once, and nothing that holds this process up
 * is heard; with one that may change it is written as it plays, `AHEAD_MS` ahead.
 */
export function feed(input: Writable, { clock, wav, gain, signal }: Feeding): void {
  const { data } = wav;
  if (typeof gain === 'number') {
    const factor = factorOf(dbNow(gain));
    input.end(scaled(data, factor, factor));
    return;
  }
  const startedMs = clock.monoMs();
  let written = 0;
  let factor = factorOf(dbNow(gain));
  const step = () => {
    if (signal.aborted || input.destroyed) return stop();
    const until = bytesOfMs(wav.sampleRate, clock.monoMs() - startedMs + AHEAD_MS);
    const piece = data.subarray(written, Math.max(written, until));
    const next = factorOf(dbNow(gain));
    input.write(scaled(piece, factor, next));
    [written, factor] = [written + piece.length, next];
    if (written < data.length) return;
    stop();
    input.end();
  };
  const stop = clock.every(STEP_MS, step);
  step();
}
