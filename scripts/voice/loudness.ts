/**
 * Programme loudness of one channel by ITU-R BS.1770-4, annex 1, in LUFS: K-weighting, blocks of 400 ms that overlap by
 * three quarters, gates at −70 LUFS and at 10 LU below what is left. The filters are given for 48 kHz; here they are
 * made for any rate from the same analogue prototypes by the bilinear transform. A clip shorter than a block is one
 * block. −Infinity for silence.
 */
export function loudnessOf(samples: Float64Array, sampleRate: number): number {
  const weighted = filtered(filtered(samples, shelf(sampleRate)), highPass(sampleRate));
  const powers = blockPowers(weighted, sampleRate);
  const audible = powers.filter((power) => lufs(power) > ABSOLUTE_GATE);
  const gate = lufs(mean(audible)) + RELATIVE_GATE;
  return lufs(mean(audible.filter((power) => lufs(power) > gate)));
}

const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
const BLOCK_S = 0.4;
const STEP_S = 0.1;

const lufs = (power: number): number => -0.691 + 10 * Math.log10(power);

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean square of each block. */
function blockPowers(samples: Float64Array, sampleRate: number): number[] {
  const block = Math.min(samples.length, Math.round(BLOCK_S * sampleRate));
  const step = Math.max(1, Math.round(STEP_S * sampleRate));
  const powers: number[] = [];
  for (let from = 0; block > 0 && from + block <= samples.length; from += step) {
    let sum = 0;
    for (const sample of samples.subarray(from, from + block)) sum += sample * sample;
    powers.push(sum / block);
  }
  return powers;
}

interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

function filtered(samples: Float64Array, { b: [b0, b1, b2], a: [a1, a2] }: Biquad): Float64Array {
  const output = new Float64Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (const [index, x] of samples.entries()) {
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    output[index] = y;
    [x2, x1, y2, y1] = [x1, x, y1, y];
  }
  return output;
}

/** Stage 1, the head: 4 dB more above 1.7 kHz (table 1 at 48 kHz). */
function shelf(sampleRate: number): Biquad {
  const k = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b: [
      (high + (band * k) / q + k * k) / a0,
      (2 * (k * k - high)) / a0,
      (high - (band * k) / q + k * k) / a0,
    ],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  };
}

/** Stage 2, revised low-frequency B-curve (table 2 at 48 kHz). */
function highPass(sampleRate: number): Biquad {
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0] };
}
