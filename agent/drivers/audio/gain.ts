import { SILENCE_LEVEL, type Wav } from '#contract/wav.ts';
import type { Gain } from '../../ports/speaker.ts';

/** Amplitude factor of a level: 20 dB are a factor of 10. */
export const factorOf = (db: number): number => 10 ** (db / 20);

/** What the gain is at this moment, in dB; never above 0: clips are rendered as loud as samples can be. */
export const dbNow = (gain: Gain): number => Math.min(0, typeof gain === 'number' ? gain : gain());

/**
 * 16-bit samples with the factor going evenly from `from` to `to`: a step in the middle of a tone would click.
 * The same buffer where there is nothing to change.
 */
export function scaled(data: Buffer, from: number, to: number): Buffer {
  if (from === 1 && to === 1) return data;
  const samples = Math.floor(data.length / 2);
  const quieter = Buffer.allocUnsafe(samples * 2);
  for (let n = 0; n < samples; n += 1) {
    const factor = from + ((to - from) * n) / samples;
    quieter.writeInt16LE(Math.round(data.readInt16LE(n * 2) * factor), n * 2);
  }
  return quieter;
}

/** Milliseconds kept in front of the first sound, so that a soft consonant is not cut off. */
const LEAD_MS = 5;

/** The sound without the silence in front, which would only make a prompt late; speech engines leave 0 to 55 ms. */
export function withoutLead({ sampleRate, data }: Wav): Wav {
  const samples = Math.floor(data.length / 2);
  let first = 0;
  while (first < samples && Math.abs(data.readInt16LE(first * 2)) < SILENCE_LEVEL) first += 1;
  const kept = Math.max(0, first - Math.round((sampleRate * LEAD_MS) / 1000));
  return { sampleRate, data: first === samples ? data : data.subarray(kept * 2) };
}
