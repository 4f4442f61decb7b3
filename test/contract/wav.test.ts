import t from 'tap';
import { WatchpostError } from '#contract/errors.ts';
import { parseWav, wavDurationMs, wavHeader } from '#contract/wav.ts';
import { SAMPLE_RATE, toneShare, toneWav } from '#test/agent/drivers/audio/sounds.ts';

t.test('what is written is read back, with its length', async (t) => {
  const wav = parseWav(toneWav(1000, 250), 'tone.wav');
  t.equal(wav.sampleRate, SAMPLE_RATE);
  t.equal(Math.round(wavDurationMs(wav)), 250);
  t.ok(toneShare(wav.data, 1000) > 0.9);
  t.ok(toneShare(wav.data, 3000) < 0.1);
});

t.test('chunks before the sound are passed over', async (t) => {
  const tone = toneWav(1000, 100);
  const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
  const wav = parseWav(Buffer.concat([tone.subarray(0, 36), list, tone.subarray(36)]), 'tone.wav');
  t.equal(Math.round(wavDurationMs(wav)), 100);
});

t.test('a file cut short gives the sound that is there', async (t) => {
  const wav = parseWav(toneWav(1000, 200).subarray(0, 44 + 1001), 'cut.wav');
  t.equal(wav.data.length, 1000);
});

t.test('anything else is refused with WP2509 naming the file', async (t) => {
  const stereo = toneWav(1000, 10);
  stereo.writeUInt16LE(2, 22);
  const bad = [Buffer.alloc(0), Buffer.from('RIFF'), Buffer.alloc(100), wavHeader(8, 0), stereo];
  for (const bytes of bad) t.throws(() => parseWav(bytes, 'x.wav'), { code: 'WP2509', message: /x\.wav/ });
});

t.test('no bytes whatever make the reader hang or throw anything but WP2509', async (t) => {
  const tone = toneWav(1000, 5);
  let seed = 42;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  let [read, refused] = [0, 0];
  for (let round = 0; round < 2000; round += 1) {
    const bytes = Buffer.from(tone.subarray(0, Math.floor(random() * tone.length)));
    for (let n = 0; n < 4 && bytes.length > 0; n += 1)
      bytes[Math.floor(random() * Math.min(60, bytes.length))] = Math.floor(random() * 256);
    try {
      parseWav(bytes, 'fuzz.wav');
      read += 1;
    } catch (error) {
      if (!(error instanceof WatchpostError) || error.code !== 'WP2509') throw error;
      refused += 1;
    }
  }
  t.ok(read > 100 && refused > 100, `${read} read, ${refused} refused`);
});
