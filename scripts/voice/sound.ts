import { bytesOfMs, SILENCE_LEVEL, type Wav, wavHeader } from '#contract/wav.ts';
import { loudnessOf } from './loudness.ts';

/** Speech for small loudspeakers, where nobody turns up the volume: AES TD1008 (2021) names −18 LUFS for speech. */
export const TARGET_LUFS = -18;
/** Peaks stay below this, so that the player's own resampling does not clip. */
const PEAK_LIMIT_DB = -1;
/** A limiter that holds single peaks is not heard at this depth; deeper, a voice begins to pump. */
const MOST_LIMITED_DB = 6;
/** Half a period of a deep voice: the gain follows syllables, not waves. */
const LIMITER_S = 0.005;
/** Left before the first sound and after the last: a plosive's onset and a vowel's end lie below the threshold. */
const LEAD_MS = 10;
const TAIL_MS = 60;

const FULL_SCALE = 32_768;

/** 16-bit sound as numbers, 1 being full scale. */
export function samplesOf({ data }: Wav): Float64Array {
  const samples = new Float64Array(data.length / 2);
  for (const index of samples.keys()) samples[index] = data.readInt16LE(index * 2) / FULL_SCALE;
  return samples;
}

/** Largest sample, in dB of full scale; −Infinity for silence. */
export function peakDb(samples: Float64Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return 20 * Math.log10(peak);
}

/** Without the silence before and after. Empty when nothing is above it. */
export function trimmed({ sampleRate, data }: Wav): Wav {
  const loud = (index: number) => Math.abs(data.readInt16LE(index * 2)) >= SILENCE_LEVEL;
  let first = 0;
  let end = data.length / 2;
  while (first < end && !loud(first)) first += 1;
  if (first === end) return { sampleRate, data: data.subarray(0, 0) };
  while (!loud(end - 1)) end -= 1;
  const from = Math.max(0, first * 2 - bytesOfMs(sampleRate, LEAD_MS));
  return { sampleRate, data: data.subarray(from, end * 2 + bytesOfMs(sampleRate, TAIL_MS)) };
}

/**
 * As loud as every other clip. Peaks above the limit are turned down for a few milliseconds, by up to 6 dB; a clip of
 * higher peaks than that stays below the target. Silence stays as it is.
 */
export function levelled(wav: Wav): Wav {
  const samples = samplesOf(wav);
  const wanted = TARGET_LUFS - loudnessOf(samples, wav.sampleRate);
  const gainDb = Math.min(wanted, PEAK_LIMIT_DB + MOST_LIMITED_DB - peakDb(samples));
  if (!Number.isFinite(gainDb)) return wav;
  const louder = samples.map((sample) => sample * 10 ** (gainDb / 20));
  const held = limiting(louder, 10 ** (PEAK_LIMIT_DB / 20), Math.round(wav.sampleRate * LIMITER_S));
  const data = Buffer.alloc(wav.data.length);
  for (const [index, sample] of louder.entries())
    data.writeInt16LE(Math.round(sample * (held[index] ?? 1) * (FULL_SCALE - 1)), index * 2);
  return { sampleRate: wav.sampleRate, data };
}

/**
 * The factor for each sample that keeps all below `limit`: the least that any sample within `reach` needs, averaged over
 * the same reach, so that it moves smoothly and is never too large for a peak.
 */
function limiting(samples: Float64Array, limit: number, reach: number): Float64Array {
  const least = new Float64Array(samples.length).fill(1);
  for (const [index, sample] of samples.entries()) {
    const needed = limit / Math.abs(sample);
    if (needed >= 1) continue;
    const [from, to] = [Math.max(0, index - reach), Math.min(samples.length, index + reach + 1)];
    for (let near = from; near < to; near += 1) least[near] = Math.min(least[near] ?? 1, needed);
  }
  let sum = 0;
  const at = (index: number) => least[Math.min(Math.max(index, 0), least.length - 1)] ?? 1;
  for (let index = -reach; index < reach; index += 1) sum += at(index);
  return least.map((_, index) => {
    sum += at(index + reach);
    const average = sum / (2 * reach + 1);
    sum -= at(index - reach);
    return average;
  });
}

/** The bytes of a WAV file. */
export function wavFile({ sampleRate, data }: Wav): Buffer {
  return Buffer.concat([wavHeader(sampleRate, data.length), data]);
}
