import t from 'tap';
import { loadClips } from '#agent/behaviours/voice/clips.ts';
import type { Speaker } from '#agent/ports/speaker.ts';
import { WatchpostError } from '#contract/errors.ts';
import { allClips, CLIP_MS, rig } from './voice-rig.ts';

t.test('without sound the prompts keep their pace, and the trouble is told once', async (t) => {
  const { voice, clock, speaker, health, said } = await rig();
  speaker.mode = 'fails';
  voice.say({ key: 'alarm.pressed', priority: 'alarm', repeatEveryMs: 5000 });
  await clock.advance(CLIP_MS - 1);
  t.strictSame(voice.speaking, { key: 'alarm.pressed', language: 'zh-CN' });
  await clock.advance(1);
  t.strictSame(voice.speaking, { key: 'alarm.pressed', language: 'en' });
  await clock.advance(20_000);
  t.ok(said.length > 6);
  t.match(health, [{ state: 'degraded', code: 'WP2505' }]);
  t.equal(health.length, 1);
  speaker.mode = 'plays';
  await clock.advance(10_000);
  t.strictSame(health.at(-1), { state: 'ok' });
  t.equal(health.length, 2);
  await voice.close();
});

t.test('a player that never ends is stopped, told once, and the next language is said', async (t) => {
  const { voice, clock, speaker, health } = await rig();
  speaker.mode = 'hangs';
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await clock.advance(20_000);
  t.strictSame(speaker.stopped, ['alarm.pressed@zh-CN', 'alarm.pressed@en']);
  t.match(health, [{ state: 'degraded', code: 'WP2502' }]);
  t.equal(voice.speaking, null);
  await voice.close();
});

t.test('a player that cannot even be stopped holds up neither the next alarm nor the close', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  speaker.mode = 'deaf';
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  await clock.advance(100);
  speaker.mode = 'plays';
  voice.say({ key: 'alarm.received', priority: 'alarm' });
  await clock.advance(300);
  t.strictSame(voice.speaking, { key: 'alarm.received', language: 'en' });
  speaker.mode = 'deaf';
  voice.say({ key: 'alarm.closed', priority: 'alarm' });
  await clock.advance(300);
  const closed = voice.close();
  await clock.advance(300);
  await closed;
  t.equal(clock.pending, 0);
});

t.test('a language without the prompt is passed over and told once; the others are said', async (t) => {
  const { voice, clock, speaker, health } = await rig({
    loadClips: () =>
      Promise.resolve({
        find: (key, language) => (language === 'en' ? allClips.find(key, language) : null),
      }),
  });
  voice.say({ key: 'alarm.pressed', priority: 'alarm', repeatEveryMs: 5000 });
  await clock.advance(10_000);
  t.ok(speaker.finished.length > 1);
  t.ok(speaker.began.every((file) => file === 'alarm.pressed@en'));
  t.match(health, [{ state: 'degraded', code: 'WP2501' }]);
  t.equal(health.length, 1);
  await voice.close();
});

t.test('without any clips the device is silent, says so once, and claims to say nothing', async (t) => {
  const { voice, clock, speaker, health, said } = await rig({ loadClips: () => loadClips(t.testdir()) });
  for (let turn = 0; health.length === 0 && turn < 1000; turn += 1) await clock.advance(0);
  t.match(health, [{ state: 'failed', code: 'WP2503' }]);
  voice.say({ key: 'alarm.pressed', priority: 'alarm', repeatEveryMs: 5000 });
  await clock.advance(60_000);
  t.strictSame(said, []);
  t.equal(voice.speaking, null);
  t.equal(speaker.began.length, 0);
  t.equal(health.length, 1);
  await voice.close();
  t.equal(clock.pending, 0);
});

t.test('a sound device that does not get ready is tried all the same after five seconds', async (t) => {
  const played: string[] = [];
  const speaker: Speaker = {
    start: () => new Promise(() => undefined),
    play: async (file) => {
      played.push(String(file));
    },
    close: () => new Promise(() => undefined),
  };
  const { voice, clock, health } = await rig({ speaker, languages: ['en'] });
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  t.strictSame(played, []);
  await clock.advance(5000);
  t.match(health[0], { state: 'degraded' });
  t.strictSame(played, ['alarm.pressed@en']);
  const closed = voice.close();
  await clock.advance(5000);
  await closed;
  t.equal(clock.pending, 0);
});

t.test('parts that throw where they should reject, and listeners that throw, disturb nothing', async (t) => {
  const broken = () => {
    throw new WatchpostError('WP2504');
  };
  const speaker: Speaker = { start: broken, play: broken, close: () => Promise.resolve() };
  const { voice, clock, said } = await rig({
    speaker,
    onHealth: () => {
      throw new TypeError('listener');
    },
  });
  voice.onChange(() => {
    throw new TypeError('listener');
  });
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await clock.advance(3 * CLIP_MS);
  t.strictSame(said, ['alarm.pressed@zh-CN', 'alarm.pressed@en', '-']);
  await voice.close();
});
