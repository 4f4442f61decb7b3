import { wavHeader } from '#contract/wav.ts';

export const SAMPLE_RATE = 22_050;

/** A WAV file of a sine tone. */
export function toneWav(hz: number, ms: number, sampleRate = SAMPLE_RATE): Buffer {
  const samples = Math.round((sampleRate * ms) / 1000);
  const data = Buffer.alloc(samples * 2);
  for (let n = 0; n < samples; n += 1)
    data.writeInt16LE(Math.round(16_000 * Math.sin((2 * Math.PI * hz * n) / sampleRate)), n * 2);
  return Buffer.concat([wavHeader(sampleRate, data.length), data]);
}

/** Share of the sound's power at `hz`, 0 to 1 (Goertzel 1958). `data` is 16-bit mono. */
export function toneShare(data: Buffer, hz: number, sampleRate = SAMPLE_RATE): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let [one, two, power] = [0, 0, 0];
  const samples = Math.floor(data.length / 2);
  for (let n = 0; n < samples; n += 1) {
    const sample = data.readInt16LE(n * 2);
    [two, one] = [one, sample + turn * one - two];
    power += sample * sample;
  }
  if (power === 0) return 0;
  return (2 * (one * one + two * two - turn * one * two)) / (samples * power);
}

/** Index of the first sample louder than `threshold`, or -1. */
export function firstLoud(data: Buffer, threshold = 1000): number {
  for (let n = 0; n * 2 + 1 < data.length; n += 1)
    if (Math.abs(data.readInt16LE(n * 2)) > threshold) return n;
  return -1;
}
