import t from 'tap';
import type { ClipLibrary } from '#agent/behaviours/voice/clips.ts';
import { allClips, CLIP_MS, rig } from './voice-rig.ts';

t.test('a prompt is said in the languages of the profile, one after another', async (t) => {
  const { voice, clock, speaker, said } = await rig();
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  t.strictSame(voice.speaking, { key: 'guidance.howto', language: 'zh-CN' });
  await clock.advance(2 * CLIP_MS);
  t.strictSame(speaker.finished, ['guidance.howto@zh-CN', 'guidance.howto@en']);
  t.strictSame(said, ['guidance.howto@zh-CN', 'guidance.howto@en', '-']);
  t.equal(voice.speaking, null);
  t.equal(clock.pending, 0, 'no timer is left');
  await voice.close();
});

t.test('languages of the request replace those of the profile', async (t) => {
  const { voice, clock, speaker } = await rig();
  voice.say({ key: 'guidance.howto', priority: 'guidance', languages: ['ja'] });
  await clock.advance(5 * CLIP_MS);
  t.strictSame(speaker.finished, ['guidance.howto@ja']);
  await voice.close();
});

t.test('an alarm cuts guidance off, which is gone on with in the language it was cut off in', async (t) => {
  const { voice, clock, speaker } = await rig();
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  await clock.advance(1.5 * CLIP_MS);
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await clock.advance(0);
  t.strictSame(voice.speaking, { key: 'alarm.pressed', language: 'zh-CN' });
  t.strictSame(speaker.stopped, ['guidance.howto@en']);
  await clock.advance(2 * CLIP_MS);
  t.strictSame(voice.speaking, { key: 'guidance.howto', language: 'en' });
  await clock.advance(CLIP_MS);
  t.equal(voice.speaking, null);
  t.equal(speaker.mostAtOnce, 1, 'two prompts never sounded at once');
  await voice.close();
});

t.test('each priority cuts off the next weaker one and waits for a stronger one', async (t) => {
  const { voice, clock, said } = await rig({ languages: ['en'] });
  voice.say({ key: 'robot.passing', priority: 'ambient' });
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  voice.say({ key: 'object.left', priority: 'hazard' });
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  voice.say({ key: 'live', priority: 'talk-back' });
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  await clock.advance(10 * CLIP_MS);
  const keys = said.filter((now) => now !== '-').map((now) => now.split('@')[0]);
  t.strictSame(
    keys,
    ['robot.passing', 'live', 'alarm.sent', 'object.left', 'guidance.howto'],
    'small talk that was cut off is not said late',
  );
  await voice.close();
});

t.test('a newer alarm prompt replaces the one before at once, which is never heard again', async (t) => {
  const { voice, clock, speaker } = await rig();
  voice.say({ key: 'alarm.sent', priority: 'alarm', repeatEveryMs: 5000 });
  await clock.advance(CLIP_MS / 2);
  voice.say({ key: 'alarm.received', priority: 'alarm', repeatEveryMs: 5000 });
  await clock.advance(0);
  t.strictSame(voice.speaking, { key: 'alarm.received', language: 'zh-CN' });
  await clock.advance(60_000);
  t.equal(speaker.began.filter((file) => file.startsWith('alarm.sent')).length, 1);
  t.ok(speaker.finished.filter((file) => file.startsWith('alarm.received')).length > 10);
  await voice.close();
});

t.test('an alarm that talk-back cut off gives way to a newer one asked for meanwhile', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ key: 'alarm.sent', priority: 'alarm', repeatEveryMs: 5000 });
  voice.say({ key: 'live', priority: 'talk-back' });
  await clock.advance(CLIP_MS / 2);
  voice.say({ key: 'alarm.received', priority: 'alarm' });
  await clock.advance(30_000);
  t.strictSame(speaker.finished, ['live@en', 'alarm.received@en']);
  t.equal(clock.pending, 0);
  await voice.close();
});

t.test('an alarm that was replaced does not come back because talk-back follows on its heels', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ key: 'alarm.sent', priority: 'alarm', repeatEveryMs: 5000 });
  voice.say({ key: 'alarm.received', priority: 'alarm' });
  voice.say({ key: 'live', priority: 'talk-back' });
  await clock.advance(30_000);
  t.strictSame(speaker.finished, ['live@en', 'alarm.received@en']);
  await voice.close();
});

t.test('the next prompt begins when the stopped player has let go of the sound device', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  speaker.mode = 'lingers';
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  voice.say({ key: 'alarm.received', priority: 'alarm' });
  await clock.advance(99);
  t.strictSame(speaker.began, ['alarm.sent@en']);
  await clock.advance(1);
  t.strictSame(speaker.began, ['alarm.sent@en', 'alarm.received@en']);
  t.equal(speaker.mostAtOnce, 1);
  speaker.mode = 'plays';
  await voice.close();
});

t.test('an alarm that talk-back cut off goes on after it', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  voice.say({ key: 'live', priority: 'talk-back' });
  await clock.advance(10_000);
  t.strictSame(speaker.finished, ['live@en', 'alarm.sent@en']);
  await voice.close();
});

t.test(
  'a prompt repeats until it is hushed, with a pause even where it lasts longer than that',
  async (t) => {
    const { voice, clock, speaker } = await rig({ languages: ['en'] });
    voice.say({ key: 'alarm.stored', priority: 'alarm', repeatEveryMs: 1 });
    await clock.advance(11.5 * CLIP_MS);
    t.equal(speaker.finished.length, 3, 'one second of speech, three of silence, three times');
    voice.hush('alarm');
    t.equal(voice.speaking, null);
    await clock.advance(60_000);
    t.equal(speaker.began.length, 3);
    t.equal(clock.pending, 0);
    await voice.close();
  },
);

t.test('hushing cuts off what is being said and lets the next one speak', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ key: 'alarm.stored', priority: 'alarm', repeatEveryMs: 1 });
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  voice.hush('alarm');
  await clock.advance(0);
  t.strictSame(speaker.stopped, ['alarm.stored@en']);
  t.strictSame(voice.speaking, { key: 'guidance.howto', language: 'en' });
  await voice.close();
});

t.test('guidance is heard in the pauses of an alarm and cut off when the alarm is due again', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ key: 'alarm.received', priority: 'alarm', repeatEveryMs: 4500 });
  await clock.advance(CLIP_MS);
  voice.say({ key: 'guidance.howto', priority: 'guidance', languages: ['ja', 'ko', 'en', 'zh-CN'] });
  voice.say({ key: 'robot.passing', priority: 'ambient' });
  await clock.advance(3.5 * CLIP_MS);
  t.strictSame(speaker.stopped, ['guidance.howto@zh-CN']);
  t.strictSame(voice.speaking, { key: 'alarm.received', language: 'en' });
  await clock.advance(2 * CLIP_MS);
  t.strictSame(speaker.finished.at(-1), 'guidance.howto@zh-CN');
  t.notOk(speaker.began.includes('robot.passing@en'), 'no small talk while an alarm stands');
  await voice.close();
});

t.test('the same prompt asked for while it is being said goes on and is not said twice', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await clock.advance(CLIP_MS / 2);
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await clock.advance(10_000);
  t.strictSame(speaker.began, ['alarm.pressed@en']);
  await voice.close();
});

t.test('guidance that waited a minute is out of date and not said', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ key: 'live', priority: 'talk-back', languages: Array.from({ length: 70 }, () => 'en') });
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  await clock.advance(80_000);
  t.notOk(speaker.began.includes('guidance.howto@en'));
  await voice.close();
});

t.test('what is said before the clips are loaded is heard when they are', async (t) => {
  const loading = Promise.withResolvers<ClipLibrary>();
  const { voice, clock, speaker } = await rig({ languages: ['en'], loadClips: () => loading.promise });
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  await clock.advance(CLIP_MS);
  t.strictSame(speaker.began, []);
  loading.resolve(allClips);
  await clock.advance(CLIP_MS);
  t.strictSame(speaker.finished, ['alarm.sent@en'], 'the newest alarm alone');
  await voice.close();
});

t.test('closing stops the sound, forgets what waits and may be called twice', async (t) => {
  const { voice, clock, speaker } = await rig();
  voice.say({ key: 'alarm.pressed', priority: 'alarm', repeatEveryMs: 1000 });
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  await voice.close();
  await voice.close();
  t.strictSame(speaker.stopped, ['alarm.pressed@zh-CN']);
  voice.say({ key: 'alarm.sent', priority: 'alarm' });
  await clock.advance(10_000);
  t.equal(speaker.began.length, 1);
  t.equal(voice.speaking, null);
  t.equal(clock.pending, 0);
});
