import t from 'tap';
import {
  QUIET_MS,
  type SirenRule,
  SirenUnderVoice,
  TONE_MS,
} from '#agent/behaviours/voice/siren-under-voice.ts';
import type { Siren } from '#agent/ports/outputs.ts';
import type { VoicePriority } from '#agent/ports/speaker.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { CLIP_MS, rig, silentLog, TestSpeaker } from './voice-rig.ts';

class Horn implements Siren {
  readonly name = 'siren';
  isBroken = false;
  readonly switched: string[] = [];
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  set(on: 'on' | 'off'): void {
    if (this.isBroken) throw new WatchpostError('WP2303');
    this.switched.push(`${on} ${this.#clock.monoMs()}`);
  }

  close(): Promise<void> {
    this.switched.push('closed');
    return Promise.resolve();
  }
}

async function setUp(rule: SirenRule) {
  const clock = new ManualClock();
  const speaker = new TestSpeaker(clock);
  const state = { isHeard: true };
  const breathing = { ms: (_priority: VoicePriority): number => 0 };
  const { voice } = await rig({ clock, speaker, breathMs: (priority) => breathing.ms(priority) });
  const horn = new Horn(clock);
  const troubles: unknown[] = [];
  const siren = new SirenUnderVoice({
    ...{ siren: horn, voice, rule, clock, log: silentLog },
    isHeard: () => state.isHeard,
    onTrouble: (cause) => troubles.push(cause),
  });
  breathing.ms = (priority) => siren.breathMs(priority);
  await siren.start();
  return { clock, speaker, voice, horn, siren, state, troubles };
}

/** In steps, so that what one clip brings about happens before the next millisecond. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) await clock.advance(50);
}

t.test('the siren sounds between the languages of an alarm prompt and after them, not beneath', async (t) => {
  const { clock, voice, horn, siren, speaker } = await setUp('pause');
  siren.set('on');
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  await pass(clock, 2 * CLIP_MS + TONE_MS + 2 * QUIET_MS + 200);
  const second = CLIP_MS + QUIET_MS + TONE_MS;
  t.strictSame(horn.switched, [
    `on ${CLIP_MS + QUIET_MS}`,
    `off ${second}`,
    `on ${second + CLIP_MS + QUIET_MS}`,
  ]);
  t.strictSame(speaker.finished, ['alarm.sent@zh-CN', 'alarm.sent@en']);
});

t.test('one alarm prompt in the place of another does not work the relay', async (t) => {
  const { clock, voice, horn, siren } = await setUp('pause');
  siren.set('on');
  for (const key of ['alarm.pressed', 'alarm.stored', 'alarm.sent']) {
    voice.say({ key, priority: 'alarm', languages: ['en'] });
    await pass(clock, 300);
  }
  t.strictSame(horn.switched, []);
  await pass(clock, CLIP_MS + QUIET_MS);
  t.strictSame(horn.switched.length, 1);
});

t.test('what is weaker than an alarm is said beneath the siren', async (t) => {
  const { clock, voice, horn, siren } = await setUp('pause');
  siren.set('on');
  await pass(clock, QUIET_MS);
  voice.say({ key: 'object.left', priority: 'hazard' });
  await pass(clock, 2 * CLIP_MS);
  t.strictSame(horn.switched, [`on ${QUIET_MS}`]);
});

t.test('by the rule it sounds through alarm prompts, at once, but never through a dispatcher', async (t) => {
  const { clock, voice, horn, siren } = await setUp('sound');
  siren.set('on');
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  await pass(clock, 2 * CLIP_MS);
  t.strictSame(horn.switched, ['on 0']);
  voice.say({ key: 'talk', priority: 'talk-back', languages: ['en'] });
  await pass(clock, CLIP_MS + QUIET_MS);
  t.strictSame(horn.switched.slice(1), [`off ${2 * CLIP_MS}`, `on ${3 * CLIP_MS + QUIET_MS}`]);
});

t.test('it is not silenced for a voice that nobody hears', async (t) => {
  const { clock, voice, horn, siren, state } = await setUp('pause');
  state.isHeard = false;
  siren.set('on');
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  await pass(clock, 3 * CLIP_MS);
  t.strictSame(horn.switched, ['on 0']);
});

t.test('switched off it stays off when the voice ends', async (t) => {
  const { clock, voice, horn, siren } = await setUp('pause');
  siren.set('on');
  await pass(clock, QUIET_MS);
  voice.say({ key: 'alarm.sent', priority: 'alarm', languages: ['en'] });
  siren.set('off');
  await pass(clock, 2 * CLIP_MS);
  t.equal(horn.switched.at(-1), `off ${QUIET_MS}`);
  siren.set('on');
  await siren.close();
  await pass(clock, CLIP_MS);
  t.equal(horn.switched.at(-1), 'closed');
  await voice.close();
  t.equal(clock.pending, 0);
});

t.test('one that cannot be switched for the voice is reported once, and once more when it can', async (t) => {
  const { clock, voice, horn, siren, troubles } = await setUp('pause');
  siren.set('on');
  await pass(clock, QUIET_MS);
  horn.isBroken = true;
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  await pass(clock, CLIP_MS);
  t.match(troubles, [{ code: 'WP2303' }]);
  horn.isBroken = false;
  await pass(clock, 8 * CLIP_MS);
  t.match(troubles, [{ code: 'WP2303' }, null]);
  horn.isBroken = true;
  t.throws(() => siren.set('off'), { code: 'WP2303' });
});
