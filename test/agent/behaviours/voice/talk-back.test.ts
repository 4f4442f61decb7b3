import t from 'tap';
import type { Recording, Speaker } from '#agent/ports/speaker.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { CLIP_MS, rig } from './voice-rig.ts';

const SECOND = 16_000;
const recording = (seconds: number): Recording => ({
  name: 'talk-1',
  sampleRate: SECOND,
  data: Buffer.alloc(seconds * SECOND * 2, 1),
});
const never = () => new AbortController().signal;

/** Plays a recording for as long as it lasts, and remembers what went out to it. */
class Loudspeaker implements Speaker {
  readonly #clock: ManualClock;
  readonly began: string[] = [];
  problem: WatchpostError | null = null;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  play(sound: string | Recording, signal: AbortSignal): Promise<void> {
    this.began.push(typeof sound === 'string' ? sound : `${sound.name} ${sound.data[0]}`);
    if (this.problem !== null) return Promise.reject(this.problem);
    const lengthMs = typeof sound === 'string' ? CLIP_MS : (sound.data.length / 2 / SECOND) * 1000;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(lengthMs, resolve);
      signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function setUp() {
  const clock = new ManualClock();
  const speaker = new Loudspeaker(clock);
  const { voice } = await rig({ clock, speaker });
  await clock.advance(0);
  return { voice, clock, speaker };
}

t.test(
  'a dispatcher pre-empts an alarm prompt, which goes on in the language it was cut off in',
  async (t) => {
    const { voice, clock, speaker } = await setUp();
    voice.say({ key: 'alarm.sent', priority: 'alarm' });
    await clock.advance(CLIP_MS + CLIP_MS / 2);
    const speaking = voice.speak(recording(2), never());
    await clock.advance(0);
    t.strictSame([voice.speaking?.key, voice.priority], ['talk-back', 'talk-back']);
    await clock.advance(2000);
    t.equal(await speaking, 2000);
    await clock.advance(CLIP_MS);
    t.strictSame(speaker.began, ['alarm.sent@zh-CN', 'alarm.sent@en', 'talk-1 1', 'alarm.sent@en']);
    t.equal(voice.speaking, null);
  },
);

t.test('an alarm prompt waits while a dispatcher speaks', async (t) => {
  const { voice, clock, speaker } = await setUp();
  const speaking = voice.speak(recording(2), never());
  await clock.advance(0);
  voice.say({ key: 'alarm.received', priority: 'alarm', languages: ['en'] });
  await clock.advance(1999);
  t.strictSame(speaker.began, ['talk-1 1']);
  await clock.advance(1);
  await speaking;
  await clock.advance(CLIP_MS);
  t.equal(speaker.began.at(-1), 'alarm.received@en');
});

t.test('a second dispatcher is refused while one speaks, not cut in', async (t) => {
  const { voice, clock } = await setUp();
  const first = voice.speak(recording(1), never());
  await t.rejects(voice.speak(recording(1), never()), { code: 'WP7101' });
  await clock.advance(1000);
  t.equal(await first, 1000);
  const again = voice.speak(recording(1), never());
  await clock.advance(1000);
  t.equal(await again, 1000);
});

t.test('that nobody can hear it is said at once, and to whoever spoke', async (t) => {
  const { voice, clock, speaker } = await setUp();
  speaker.problem = new WatchpostError('WP2504');
  await t.rejects(voice.speak(recording(20), never()), { code: 'WP2504' });
  speaker.problem = null;
  t.equal(clock.pending, 0, 'without waiting for as long as it would have taken');
});

t.test('the signal, and the end of the agent, cut it short', async (t) => {
  const { voice, clock, speaker } = await setUp();
  const stop = new AbortController();
  const cut = t.rejects(voice.speak(recording(5), stop.signal), { code: 'WP7104' });
  await clock.advance(1000);
  stop.abort();
  await cut;
  await t.rejects(voice.speak(recording(5), stop.signal), { code: 'WP7104' });
  const last = t.rejects(voice.speak(recording(5), never()), { code: 'WP7104' });
  await clock.advance(1000);
  const closed = voice.close();
  await clock.advance(1000);
  await Promise.all([last, closed]);
  await t.rejects(voice.speak(recording(5), never()), { code: 'WP7104' });
  t.equal(speaker.began.length, 2);
  t.equal(clock.pending, 0);
});

t.test('whoever speaks is told when the device trips over itself, and the next is heard', async (t) => {
  const clock = new ManualClock();
  let isBroken = true;
  const volumeDb = () => {
    if (isBroken) throw new RangeError('no such hour');
    return 0;
  };
  const { voice } = await rig({ clock, speaker: new Loudspeaker(clock), volumeDb });
  await clock.advance(0);
  await t.rejects(voice.speak(recording(1), never()), { code: 'WP2505' });
  isBroken = false;
  const heard = voice.speak(recording(1), never());
  await clock.advance(2_000);
  t.equal(await heard, 1_000);
});
