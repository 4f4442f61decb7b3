import t from 'tap';
import { parseWav, type Wav, wavDurationMs } from '#contract/wav.ts';
import { loudnessOf } from '#scripts/voice/loudness.ts';
import { levelled, peakDb, samplesOf, TARGET_LUFS, trimmed, wavFile } from '#scripts/voice/sound.ts';
import { seeded } from '#test/support/random.ts';

const RATE = 22_050;

function wavOf(samples: readonly number[]): Wav {
  const data = Buffer.alloc(samples.length * 2);
  for (const [index, sample] of samples.entries()) data.writeInt16LE(Math.round(sample * 32_767), index * 2);
  return { sampleRate: RATE, data };
}

const tone = (seconds: number, level: number) =>
  Array.from({ length: Math.round(RATE * seconds) }, (_, index) => level * Math.sin(index * 0.2841));
const silence = (seconds: number) => Array.from({ length: Math.round(RATE * seconds) }, () => 0);
const loudness = (wav: Wav) => loudnessOf(samplesOf(wav), wav.sampleRate);

t.test('silence before and after is cut to 10 and 60 ms', async (t) => {
  const wav = trimmed(wavOf([...silence(0.05), ...tone(1, 0.5), ...silence(0.4)]));
  t.equal(Math.round(wavDurationMs(wav)), 1070);
  const short = trimmed(wavOf(tone(1, 0.5)));
  t.equal(Math.round(wavDurationMs(short)), 1000, 'nothing is added');
  t.equal(trimmed(wavOf(silence(1))).data.length, 0);
});

t.test('a loud and a quiet clip come out equally loud, none above −1 dB', async (t) => {
  for (const level of [0.02, 0.2, 0.99]) {
    const wav = levelled(wavOf(tone(2, level)));
    t.ok(Math.abs(loudness(wav) - TARGET_LUFS) < 0.1, `${level}: ${loudness(wav)}`);
    t.ok(peakDb(samplesOf(wav)) <= -0.99);
  }
});

t.test('single peaks do not keep a voice quiet, and are held below −1 dB', async (t) => {
  const random = seeded(7);
  const voice = tone(3, 0.12).map((sample) => (random(5000) === 0 ? Math.sign(sample) * 0.6 : sample));
  const wav = levelled(wavOf(voice));
  t.ok(Math.abs(loudness(wav) - TARGET_LUFS) < 1, String(loudness(wav)));
  t.ok(peakDb(samplesOf(wav)) <= -0.99, String(peakDb(samplesOf(wav))));
});

t.test('peaks beyond what a limiter may hold leave the clip quieter, not clipped', async (t) => {
  const click = [...tone(2, 0.005), 0.99, ...tone(2, 0.005)];
  const wav = levelled(wavOf(click));
  t.ok(peakDb(samplesOf(wav)) <= -0.99);
  t.ok(loudness(wav) < TARGET_LUFS - 6);
});

t.test('silence stays silence, and what is written can be read', async (t) => {
  t.strictSame(levelled(wavOf(silence(1))), wavOf(silence(1)));
  const wav = wavOf(tone(0.5, 0.5));
  t.strictSame(parseWav(wavFile(wav), 'x.wav'), wav);
});
