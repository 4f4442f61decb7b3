import t from 'tap';
import { CLIP_MS, rig } from './voice-rig.ts';

const MENU = { key: 'guidance.menu', priority: 'guidance', languages: ['ar'] } as const;

t.test(
  'a request that is taken back is cut off or never begun, and others of its priority go on',
  async (t) => {
    const { voice, clock, speaker } = await rig({ languages: ['en'] });
    voice.say({ key: 'test.begin', priority: 'guidance' });
    voice.say(MENU);
    voice.takeBack(MENU);
    await clock.advance(10 * CLIP_MS);
    t.same(speaker.began, ['test.begin@en'], 'what waited is not said');
    voice.say(MENU);
    voice.say({ key: 'test.end', priority: 'guidance' });
    await clock.advance(CLIP_MS / 2);
    voice.takeBack(MENU);
    await clock.advance(10 * CLIP_MS);
    t.same(speaker.stopped, ['guidance.menu@ar']);
    t.same(speaker.finished, ['test.begin@en', 'test.end@en'], 'an order of the site is said all the same');
    await voice.close();
  },
);

t.test('taken back while an alarm is said, it does not come back after it', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say(MENU);
  await clock.advance(CLIP_MS / 2);
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  voice.takeBack(MENU);
  await clock.advance(10 * CLIP_MS);
  t.same(speaker.finished, ['alarm.pressed@en']);
  await voice.close();
});

t.test('the same prompt in another language, and what is asked for anew, are other requests', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ ...MENU, languages: ['en'] });
  voice.takeBack(MENU);
  await clock.advance(CLIP_MS / 2);
  voice.takeBack({ ...MENU, languages: ['en'] });
  voice.say({ ...MENU, languages: ['en'] });
  await clock.advance(10 * CLIP_MS);
  t.same(speaker.finished, ['guidance.menu@en'], 'said again from its beginning');
  t.equal(speaker.began.length, 2);
  await voice.close();
});
