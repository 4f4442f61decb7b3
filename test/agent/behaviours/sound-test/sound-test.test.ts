import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SoundTest } from '#agent/behaviours/sound-test/sound-test.ts';
import { SAMPLE_RATE, sweep } from '#agent/behaviours/sound-test/sweep.ts';
import type { Verdict } from '#agent/behaviours/sound-test/verdict.ts';
import type { Microphone } from '#agent/ports/microphone.ts';
import type { Speaker } from '#agent/ports/speaker.ts';
import { WatchpostError } from '#contract/errors.ts';
import { wavOf } from '#contract/wav.ts';
import { FakeMemory, FakeRecorder, ManualDeviceClock } from '../fakes.ts';
import { rig, silentLog } from '../voice/voice-rig.ts';

const HOUR = 3_600_000;
/** Heard before the sound goes out. */
const LEAD = 400;

/** A room in which what is played comes back after `delay` samples, at `factor`. */
class Room implements Speaker {
  factor = 0.1;
  delay = 800;
  microphone: 'listens' | 'missing' = 'listens';
  played = 0;
  hangs = false;
  device: 'there' | 'gone' = 'there';
  onPlay: () => void = () => undefined;
  readonly mic: Microphone = {
    listen: async ({ maxSamples }) => {
      if (this.microphone === 'missing') throw new WatchpostError('WP2517');
      const heard = new Int16Array(maxSamples);
      for (const [n, sample] of sweep().entries()) heard[LEAD + this.delay + n] = sample * this.factor;
      return { samples: LEAD, until: async () => undefined, end: async () => heard };
    },
  };

  start(): Promise<void> {
    return Promise.resolve();
  }

  async play(_file: string, signal: AbortSignal): Promise<void> {
    this.played += 1;
    this.onPlay();
    if (!this.hangs) return;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }

  isThere(): Promise<boolean> {
    return Promise.resolve(this.device === 'there');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function setUp(t: Test, memory = new FakeMemory()) {
  const room = new Room();
  const clock = new ManualDeviceClock();
  const recorder = new FakeRecorder();
  const { voice } = await rig({ clock, speaker: room, languages: ['en'] });
  await clock.advance(0);
  const dir = t.testdir();
  const verdicts: Verdict[] = [];
  const state = { isCalling: false };
  let told: () => void = () => undefined;
  const onNext = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  const test = new SoundTest({
    settings: { at: '12:00', microphone: { system: 'pulse' }, minLevelDb: -50 },
    timeZone: 'UTC',
    microphone: room.mic,
    voice,
    sound: { file: join(dir, 'sound-test.wav'), bytes: wavOf },
    isCalling: () => state.isCalling,
    onVerdict: (verdict) => {
      verdicts.push(verdict);
      told();
    },
    recorder,
    memory,
    clock,
    log: silentLog,
  });
  return { room, clock, recorder, voice, dir, verdicts, state, test, onNext };
}

t.test('a device that hears itself says so, with level and delay', async (t) => {
  const { test, recorder, verdicts } = await setUp(t);
  const verdict = await test.run();
  t.match(verdict, { passed: true, cause: 'heard', delayMs: 100 });
  t.ok(Math.abs((verdict.levelDb ?? 0) + 20) < 0.5);
  t.match(recorder.events, [{ type: 'wp.sound.tested.v1', data: verdict }]);
  t.strictSame(verdicts, [verdict]);
});

t.test('a dead loudspeaker, a missing microphone and a player that fails are told apart', async (t) => {
  const { test, room } = await setUp(t);
  room.factor = 0;
  t.match(await test.run(), { passed: false, cause: 'not-heard', levelDb: null });
  room.factor = 0.001;
  t.match(await test.run(), { passed: false, cause: 'too-quiet' });
  room.microphone = 'missing';
  t.match(await test.run(), { passed: false, cause: 'no-microphone' });
  room.microphone = 'listens';
  room.onPlay = () => {
    throw new WatchpostError('WP2505');
  };
  t.match(await test.run(), { passed: false, cause: 'not-played' });
});

t.test('a sound device that is gone is not taken for a quiet one', async (t) => {
  const { test, room } = await setUp(t);
  room.device = 'gone';
  t.match(await test.run(), { passed: true }, 'what was heard was played');
  room.factor = 0;
  t.match(await test.run(), { passed: false, cause: 'not-played' });
  room.device = 'there';
  t.match(await test.run(), { passed: false, cause: 'not-heard' });
});

t.test('nothing is tested during a call for help', async (t) => {
  const { test, room, state, recorder } = await setUp(t);
  state.isCalling = true;
  await t.rejects(test.run(), { code: 'WP2110' });
  t.equal(room.played + recorder.events.length, 0);
});

t.test('an alarm that comes in the middle ends it, is said at once, and no verdict is given', async (t) => {
  const { test, room, voice, clock, recorder } = await setUp(t);
  room.hangs = true;
  const playing = new Promise<void>((resolve) => {
    room.onPlay = resolve;
  });
  const testing = test.run();
  await playing;
  room.hangs = false;
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await t.rejects(testing, { code: 'WP2518', message: /interrupted/ });
  await clock.advance(0);
  t.equal(room.played, 2, 'the prompt was played');
  t.equal(recorder.events.length, 0);
  await voice.close();
});

t.test('a player that hangs holds up neither the test for ever nor an alarm', async (t) => {
  const { test, room, voice, clock } = await setUp(t);
  room.hangs = true;
  const playing = new Promise<void>((resolve) => {
    room.onPlay = resolve;
  });
  const testing = test.run();
  await playing;
  await clock.advance(20_000);
  t.match(await testing, { cause: 'heard' }, 'what was heard by then counts');
  room.hangs = false;
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  t.equal(voice.speaking?.key, 'alarm.pressed');
  await voice.close();
});

t.test('it is made once a day in the hour of its time, and put off while somebody calls', async (t) => {
  const { test, room, state, clock, recorder, onNext } = await setUp(t);
  test.start();
  await clock.advance(12 * HOUR - 1);
  t.equal(room.played, 0, 'not before its time');
  state.isCalling = true;
  await clock.advance(HOUR / 2);
  t.equal(room.played, 0, 'not during the call');
  state.isCalling = false;
  const first = onNext();
  await clock.advance(60_000);
  await first;
  await clock.advance(23 * HOUR);
  t.equal(recorder.events.length, 1, 'once that day');
  const second = onNext();
  await clock.advance(HOUR);
  await second;
  clock.setQuality('unset');
  await clock.advance(48 * HOUR);
  t.equal(room.played, 2, 'a clock that was never set knows no noon');
  await test.close();
  t.equal(clock.pending, 0);
});

t.test('the day of the last test outlives a restart', async (t) => {
  const memory = new FakeMemory();
  const before = await setUp(t, memory);
  const first = before.onNext();
  before.test.start();
  await before.clock.advance(12 * HOUR + 60_000);
  await first;
  await before.test.close();

  const after = await setUp(t, memory);
  after.test.start();
  await after.clock.advance(13 * HOUR);
  t.equal(after.room.played, 0, 'the same day again');
  const next = after.onNext();
  await after.clock.advance(24 * HOUR);
  await next;
  t.equal(after.room.played, 1, 'the day after');
  await after.test.close();
});

t.test('a device that is off in the hour of the test on two days is tested when it is on', async (t) => {
  const memory = new FakeMemory();
  const evening = async (day: number) => {
    const { test, clock, room, onNext } = await setUp(t, memory);
    await clock.advance(day * 24 * HOUR + 18 * HOUR);
    const tested = onNext();
    test.start();
    await clock.advance(HOUR);
    if (room.played > 0) await tested;
    await test.close();
    return room.played;
  };
  t.strictSame(
    [await evening(0), await evening(1), await evening(2), await evening(2), await evening(3)],
    [0, 0, 1, 0, 0],
  );
});

t.test('a memory that cannot be read keeps the timer going', async (t) => {
  const memory = new FakeMemory();
  memory.get = () => {
    throw new TypeError('broken card');
  };
  const { test, clock, room } = await setUp(t, memory);
  test.start();
  await clock.advance(12 * HOUR + 60_000);
  t.equal(room.played, 0);
  t.equal(clock.pending, 1);
  await test.close();
});

t.test('no sample of the microphone reaches the disk', async (t) => {
  const { test, dir } = await setUp(t);
  await test.run();
  t.strictSame(readdirSync(dir), ['sound-test.wav'], 'the sound that goes out, and nothing else');
  t.strictSame(readFileSync(join(dir, 'sound-test.wav')), wavOf(sweep(), SAMPLE_RATE));
});
