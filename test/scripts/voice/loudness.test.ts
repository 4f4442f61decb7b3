import t, { type Test } from 'tap';
import { loudnessOf } from '#scripts/voice/loudness.ts';

const RATES = [16_000, 22_050, 44_100, 48_000];

function sine(sampleRate: number, hertz: number, seconds: number, level: number): Float64Array {
  const samples = new Float64Array(Math.round(sampleRate * seconds));
  return samples.map((_, index) => level * Math.sin((2 * Math.PI * hertz * index) / sampleRate));
}

function joined(...parts: Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

/** Response of tables 1 and 2 of the standard (48 kHz) at a frequency. */
function curveDb(hertz: number): number {
  const shelf = {
    b: [1.53512485958697, -2.69169618940638, 1.19839281085285],
    a: [-1.69065929318241, 0.73248077421585],
  };
  const highPass = { b: [1, -2, 1], a: [-1.99004745483398, 0.99007225036621] };
  const power = (taps: readonly number[]) => {
    const angle = (2 * Math.PI * hertz) / 48_000;
    const real = taps.reduce((sum, tap, index) => sum + tap * Math.cos(index * angle), 0);
    const imaginary = taps.reduce((sum, tap, index) => sum + tap * Math.sin(index * angle), 0);
    return real * real + imaginary * imaginary;
  };
  return [shelf, highPass].reduce((sum, { a, b }) => sum + 10 * Math.log10(power(b) / power([1, ...a])), 0);
}

function within(t: Test, found: number, wanted: number, most: number, title: string): void {
  t.ok(Math.abs(found - wanted) <= most, `${title}: ${found.toFixed(3)} for ${wanted}`);
}

t.test(
  'a full-scale sine of 997 Hz in one channel is −3.01 LUFS (BS.1770-4, annex 1), at every rate',
  async (t) => {
    for (const rate of RATES)
      within(t, loudnessOf(sine(rate, 997, 5, 1), rate), -3.01, rate < 44_100 ? 0.05 : 0.01, `${rate} Hz`);
  },
);

t.test('ten times quieter is 20 LU less', async (t) => {
  within(t, loudnessOf(sine(48_000, 997, 3, 0.1), 48_000), -23.01, 0.01, '−20 dB');
});

t.test('deep tones count less, high ones more, as the curve has it', async (t) => {
  for (const hertz of [30, 60, 200, 500, 2000, 5000, 10_000, 15_000]) {
    const wanted = -3.01 + curveDb(hertz) - curveDb(997);
    within(t, loudnessOf(sine(48_000, hertz, 5, 1), 48_000), wanted, 0.03, `${hertz} Hz`);
  }
});

t.test('silence around speech does not make it quieter, nor does a whisper', async (t) => {
  const speech = sine(22_050, 997, 4, 0.1);
  const quiet = new Float64Array(22_050 * 4);
  within(t, loudnessOf(joined(quiet, speech, quiet), 22_050), -23.01, 0.3, 'among silence');
  const whisper = sine(22_050, 997, 4, 0.005);
  within(t, loudnessOf(joined(whisper, speech), 22_050), -23.01, 0.3, 'beside a whisper');
});

t.test('a long quiet room does not bring in what is 14 LU below the voice', async (t) => {
  const [voice, murmur] = [sine(22_050, 997, 4, 0.1), sine(22_050, 997, 4, 0.02)];
  const sound = joined(voice, murmur, sine(22_050, 997, 30, 0.0001));
  within(t, loudnessOf(sound, 22_050), -23.01, 0.3, 'the voice alone');
});

t.test('a clip shorter than a block is measured whole; silence and nothing are −∞', async (t) => {
  within(t, loudnessOf(sine(16_000, 997, 0.2, 0.1), 16_000), -23.01, 0.1, '200 ms');
  t.equal(loudnessOf(new Float64Array(48_000), 48_000), Number.NEGATIVE_INFINITY);
  t.equal(loudnessOf(new Float64Array(0), 48_000), Number.NEGATIVE_INFINITY);
});
