import { PassThrough } from 'node:stream';
import t from 'tap';
import { AHEAD_MS, feed, STEP_MS } from '#agent/drivers/audio/feed.ts';
import { scaled, withoutLead } from '#agent/drivers/audio/gain.ts';
import { parseWav } from '#contract/wav.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { SAMPLE_RATE, toneWav } from './sounds.ts';

const LENGTH_MS = 1000;
const MS = (SAMPLE_RATE * 2) / 1000;

function setUp() {
  const clock = new ManualClock();
  const input = new PassThrough({ highWaterMark: 1_000_000 });
  const stop = new AbortController();
  const wav = parseWav(toneWav(1000, LENGTH_MS), 'tone.wav');
  return { clock, input, stop, wav, parts: { clock, wav, signal: stop.signal } };
}

t.test('with a gain that stays the whole clip is with the player at once', async (t) => {
  const { clock, input, parts, wav } = setUp();
  feed(input, { ...parts, gain: -20 });
  t.equal(input.writableEnded, true);
  t.equal(clock.pending, 0, 'and no timer is needed to play it');
  const sound: Buffer = input.read();
  t.equal(sound.length, withoutLead(wav).data.length);
  t.ok(Math.abs(peak(sound) - 1600) <= 1);
});

t.test('with a gain that may change so much is written ahead, and the change fades in', async (t) => {
  const { clock, input, parts, wav } = setUp();
  let db = 0;
  feed(input, { ...parts, gain: () => db });
  const first: Buffer = input.read();
  t.equal(first.length, Math.floor((SAMPLE_RATE * AHEAD_MS) / 1000) * 2);
  t.equal(peak(first), peak(wav.data));
  db = -40;
  await clock.advance(STEP_MS);
  const fading: Buffer = input.read();
  const [begin, end] = [fading.subarray(0, 200), fading.subarray(-200)];
  t.ok(peak(begin) > 14_000 && peak(end) < 1500, `${peak(begin)} to ${peak(end)}`);
  await clock.advance(LENGTH_MS);
  const rest: Buffer = input.read();
  t.ok(peak(rest) <= 160);
  t.equal(first.length + fading.length + rest.length, withoutLead(wav).data.length, 'nothing is lost');
  t.equal(input.writableEnded, true);
  t.equal(clock.pending, 0);
});

t.test('a clip that is stopped leaves no timer, nor does one whose player has gone', async (t) => {
  const { clock, input, stop, parts } = setUp();
  feed(input, { ...parts, gain: () => 0 });
  stop.abort();
  await clock.advance(STEP_MS);
  t.equal(clock.pending, 0);
  const other = setUp();
  feed(other.input, { ...other.parts, gain: () => 0 });
  other.input.destroy();
  await other.clock.advance(STEP_MS);
  t.equal(other.clock.pending, 0);
});

t.test('silence in front is left out but for a few milliseconds, silence alone is kept', async (t) => {
  const { wav } = setUp();
  const silence = Buffer.alloc(Math.round(50 * MS) * 2);
  const { data: late } = withoutLead({ ...wav, data: Buffer.concat([silence, wav.data]) });
  t.ok(late.length > wav.data.length && late.length < wav.data.length + 6 * MS);
  t.equal(withoutLead({ ...wav, data: silence }).data.length, silence.length);
});

t.test('no gain is no copy', async (t) => {
  const { wav } = setUp();
  t.equal(scaled(wav.data, 1, 1), wav.data);
});

function peak(sound: Buffer): number {
  let most = 0;
  for (let at = 0; at + 1 < sound.length; at += 2) most = Math.max(most, Math.abs(sound.readInt16LE(at)));
  return most;
}
