import t from 'tap';
import { GuidanceBehaviour, type GuidanceParts } from '#agent/behaviours/guidance/guidance.ts';
import { Guidance } from '#agent/ports/guidance.ts';
import type { ContactInput, ContactListener } from '#agent/ports/inputs.ts';
import type { PartHealth } from '#agent/ports/makers.ts';
import type { VoiceRequest } from '#agent/ports/speaker.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog } from '../fakes.ts';

class FakeButton implements ContactInput {
  readonly kind = 'guidance';
  readonly name: string;
  failsTimes = 0;
  closed = 0;
  listener: ContactListener | null = null;

  constructor(name: string) {
    this.name = name;
  }

  async start(listener: ContactListener): Promise<boolean> {
    if (this.failsTimes > 0) {
      this.failsTimes -= 1;
      throw new WatchpostError('WP2302', { detail: this.name });
    }
    this.listener = listener;
    return false;
  }

  press(): void {
    this.listener?.edge({ active: true, atMonoMs: 0, edges: 1 });
    this.listener?.edge({ active: false, atMonoMs: 0, edges: 1 });
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

const SITE = Guidance.parse({
  languages: ['ar'],
  buttons: { language: 'globe', topic: 'info' },
  places: [
    { id: 'exit-2', direction: 'left', name: { en: 'Exit 2', ar: { text: 'المخرج 2', speech: 'x' } } },
  ],
  answers: [{ id: 'lockers', title: { en: 'Left luggage' }, text: { en: 'At the desk.' } }],
});

function rig(parts: Partial<GuidanceParts> = {}) {
  const clock = new ManualClock();
  const globe = new FakeButton('globe');
  const info = new FakeButton('info');
  const voice: string[] = [];
  const told = ({ key, languages, priority }: VoiceRequest) => `${languages?.join()}/${key} (${priority})`;
  const health: [string, PartHealth][] = [];
  const guidance = new GuidanceBehaviour({
    guidance: SITE,
    languages: ['en'],
    emergencyNumber: '110',
    inputs: [globe, info],
    phrases: (key, language) =>
      key === 'guidance.child' ? null : { text: `${language}: ${key}`, durationMs: 2_000 },
    voice: {
      say: (request) => voice.push(`say ${told(request)}`),
      takeBack: (request) => voice.push(`take back ${told(request)}`),
    },
    onHealth: (part, finding) => health.push([part, finding]),
    clock,
    log: silentLog,
    ...parts,
  });
  return { clock, globe, info, voice, health, guidance };
}

t.test('buttons are heard, and what is said next takes back what was said before', async (t) => {
  const { globe, info, voice, guidance, clock } = rig();
  await guidance.start();
  globe.press();
  await clock.advance(200);
  globe.press();
  info.press();
  t.same(voice, [
    'say en/guidance.language (guidance)',
    'take back en/guidance.language (guidance)',
    'say ar/guidance.language (guidance)',
    'take back ar/guidance.language (guidance)',
    'say ar/guidance.menu (guidance)',
  ]);
  await guidance.close();
  t.equal(voice.at(-1), 'take back ar/guidance.menu (guidance)');
  t.same([globe.closed, info.closed, clock.pending], [1, 1, 0]);
});

t.test('a contact that bounces is one press', async (t) => {
  const { globe, guidance } = rig();
  await guidance.start();
  globe.press();
  globe.press();
  globe.press();
  t.equal(guidance.state.language, 'en');
  await guidance.close();
});

t.test('an answer without a clip is shown and not said', async (t) => {
  const { voice, guidance } = rig();
  guidance.choose({ choose: 'language', language: 'en' });
  voice.length = 0;
  t.equal(guidance.choose({ choose: 'topic', topic: 'guidance.child' }), 'done');
  t.same(voice, ['take back en/guidance.menu (guidance)']);
  t.same(guidance.view().answer, { topic: 'guidance.child', text: '' });
  guidance.choose({ choose: 'topic', topic: 'answer.lockers' });
  t.same(guidance.view().answer, { topic: 'answer.lockers', text: 'At the desk.' }, 'the site’s own words');
  await guidance.close();
});

t.test('the view has what the page needs, in the visitor’s language, and nothing of who asks', async (t) => {
  const { guidance, clock } = rig();
  t.same(guidance.view(), {
    emergencyNumber: '110',
    languages: ['en', 'ar'],
    step: 'idle',
    language: null,
    topics: ['guidance.howto', 'guidance.child', 'guidance.first-aid', 'answer.lockers'],
    titles: {},
    places: [],
    answer: null,
    alarm: null,
    idleInMs: null,
  });
  guidance.choose({ choose: 'language', language: 'ar' });
  await clock.advance(500);
  t.match(guidance.view(), {
    topics: ['guidance.howto', 'guidance.child', 'guidance.first-aid'],
    places: [{ id: 'exit-2', name: 'المخرج 2', direction: 'left' }],
    idleInMs: 46_500,
  });
  await guidance.close();
});

t.test('an alarm silences guidance and is shown in the visitor’s language, each prompt once', async (t) => {
  const { voice, guidance, clock } = rig();
  let changes = 0;
  guidance.setAlarm('alarm.pressed');
  t.same(guidance.view().alarm?.sayings, [{ language: 'en', text: 'en: alarm.pressed' }]);
  guidance.setAlarm(null);
  guidance.choose({ choose: 'language', language: 'ar' });
  guidance.onChange(() => {
    changes += 1;
  });
  for (const key of ['alarm.pressed', 'alarm.pressed', 'alarm.received']) guidance.setAlarm(key);
  t.equal(changes, 2);
  t.equal(voice.at(-1), 'take back ar/guidance.menu (guidance)');
  t.same(guidance.view().alarm?.sayings, [{ language: 'ar', text: 'ar: alarm.received' }]);
  t.equal(clock.pending, 0, 'no session runs beside it');
  await guidance.close();
});

t.test('a button that cannot be read is told once, tried again, and told when it is back', async (t) => {
  const { globe, health, guidance, clock } = rig();
  globe.failsTimes = 2;
  await guidance.start();
  await clock.advance(10_000);
  t.same(health, [['input:globe', { state: 'failed', code: 'WP2302' }]]);
  await clock.advance(10_000);
  t.same(health.slice(1), [['input:globe', { state: 'ok' }]]);
  globe.listener?.lost(new WatchpostError('WP2302'));
  globe.listener?.back(false);
  t.equal(health.length, 4);
  globe.press();
  t.equal(guidance.state.step, 'language');
  await guidance.close();
});

t.test('with one button alone, that one does both', async (t) => {
  const { info, voice, guidance, clock } = rig({
    guidance: { ...SITE, buttons: { topic: 'info' } },
  });
  await guidance.start();
  info.press();
  await clock.advance(6_000);
  t.equal(voice.at(-1), 'say en/guidance.menu (guidance)');
  info.press();
  t.equal(voice.at(-1), 'say en/guidance.howto (guidance)');
  await guidance.close();
});

t.test('a listener that throws keeps no other from hearing', async (t) => {
  const { guidance } = rig();
  let heard = 0;
  guidance.onChange(() => {
    throw new RangeError('not mine');
  });
  guidance.onChange(() => {
    heard += 1;
  });
  guidance.choose({ choose: 'language', language: 'en' });
  t.equal(heard, 1);
  await guidance.close();
});
