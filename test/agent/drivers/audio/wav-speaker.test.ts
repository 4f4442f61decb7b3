import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WavSpeaker } from '#agent/drivers/audio/wav-speaker.ts';
import { parseWav, wavDurationMs } from '#contract/wav.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { firstLoud, SAMPLE_RATE, toneShare, toneWav } from './sounds.ts';

function setUp(t: Test, maxBytes = 1_000_000) {
  const dir = t.testdir({ 'low.wav': toneWav(500, 1000), 'high.wav': toneWav(2000, 1000) });
  const clock = new ManualClock();
  const file = join(dir, 'spoken.wav');
  const speaker = new WavSpeaker({ clock, file, maxBytes });
  return { dir, clock, file, speaker };
}

/** Lets time pass in small steps, with turns for the file system, until the work is done. */
async function pass<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const waiting = { done: false };
  const settled = work.finally(() => {
    waiting.done = true;
  });
  settled.catch(() => undefined);
  while (!waiting.done) await clock.advance(clock.pending > 0 ? 50 : 0);
  return settled;
}

const never = () => new AbortController().signal;

t.test('what is spoken is appended to one file, in order', async (t) => {
  const { dir, clock, file, speaker } = setUp(t);
  await speaker.start();
  await pass(clock, speaker.play(join(dir, 'low.wav'), never()));
  await pass(clock, speaker.play(join(dir, 'high.wav'), never()));
  const { data } = parseWav(await readFile(file), file);
  t.equal(data.length, 2 * 2 * SAMPLE_RATE);
  t.ok(toneShare(data.subarray(0, data.length / 2), 500) > 0.9);
  t.ok(toneShare(data.subarray(data.length / 2), 2000) > 0.9);
  t.equal(clock.pending, 0);
  await speaker.close();
});

t.test(
  'it takes as long as it would be heard, and a stopped prompt is cut where it was stopped',
  async (t) => {
    const { dir, clock, file, speaker } = setUp(t);
    const stop = new AbortController();
    const playing = speaker.play(join(dir, 'low.wav'), stop.signal);
    while (clock.pending === 0) await clock.advance(0);
    while (clock.monoMs() < 400) await clock.advance(clock.pending > 0 ? 50 : 0);
    stop.abort();
    await pass(clock, playing);
    const heardMs = wavDurationMs(parseWav(await readFile(file), file));
    t.ok(heardMs >= 300 && heardMs <= 500, `${heardMs} ms of 1000 in the file`);
    t.equal(clock.pending, 0);
  },
);

t.test('a full file is put aside and a new one begun', async (t) => {
  const { dir, clock, file, speaker } = setUp(t, 100_000);
  for (let n = 0; n < 5; n += 1) await pass(clock, speaker.play(join(dir, 'low.wav'), never()));
  const [now, before] = [await readFile(file), await readFile(join(dir, 'spoken.1.wav'))];
  t.ok(now.length <= 100_000 && before.length <= 100_000);
  t.equal(Math.round(wavDurationMs(parseWav(now, file))), 1000);
  t.equal(Math.round(wavDurationMs(parseWav(before, file))), 2000);
});

t.test('a file that was cut off by a power cut is gone on with, a foreign one put aside', async (t) => {
  const { dir, clock, file, speaker } = setUp(t);
  await writeFile(file, toneWav(500, 1000).subarray(0, 20_001));
  await pass(clock, speaker.play(join(dir, 'high.wav'), never()));
  t.equal(parseWav(await readFile(file), file).data.length, 19_956 + 2 * SAMPLE_RATE);
  await writeFile(file, 'somebody else’s notes, longer than a header would be');
  await pass(clock, speaker.play(join(dir, 'high.wav'), never()));
  t.equal(parseWav(await readFile(file), file).data.length, 2 * SAMPLE_RATE);
  t.match(await readFile(join(dir, 'spoken.1.wav'), 'utf8'), /somebody/);
});

t.test('a clip that cannot be read and a file that cannot be written are told apart', async (t) => {
  const { dir, clock, speaker } = setUp(t);
  await t.rejects(pass(clock, speaker.play(join(dir, 'none.wav'), never())), { code: 'WP2509' });
  const lost = new WavSpeaker({ clock, file: join(dir, 'no/such/spoken.wav'), maxBytes: 1_000_000 });
  await t.rejects(pass(clock, lost.play(join(dir, 'low.wav'), never())), { code: 'WP2511' });
});

t.test('the gain holds for the file too, and a clip beside another one leaves it whole', async (t) => {
  const { dir, clock, file, speaker } = setUp(t);
  const both = [
    speaker.play(join(dir, 'low.wav'), never(), -20),
    speaker.play(join(dir, 'high.wav'), never()),
  ];
  await pass(clock, Promise.all(both));
  const { data } = parseWav(await readFile(file), file);
  t.equal(data.length, 2 * SAMPLE_RATE, 'the first one alone');
  t.ok(toneShare(data, 500) > 0.9 && firstLoud(data, 1650) === -1, 'at a tenth of its amplitude');
  await pass(clock, speaker.play(join(dir, 'high.wav'), never()));
  t.equal(parseWav(await readFile(file), file).data.length, 4 * SAMPLE_RATE, 'then the next');
});
