import { readFileSync } from 'node:fs';
import t from 'tap';
import { DUCK_DB, INTERRUPTIONS } from '#agent/behaviours/voice/interruptions.ts';
import { VOICE_PRIORITIES } from '#agent/ports/speaker.ts';
import { CLIP_MS, type Rig, rig } from './voice-rig.ts';

const AMBIENT = 'robot.passing@en';

async function mixing(): Promise<Rig> {
  const made = await rig({ languages: ['en'] });
  made.speaker.mixes = true;
  return made;
}

t.test('an ambient sound goes on quietly beneath guidance and is loud again after it', async (t) => {
  const { voice, clock, speaker, said } = await mixing();
  voice.say({ key: 'robot.passing', priority: 'ambient', languages: ['en', 'ja', 'ko'] });
  await clock.advance(CLIP_MS / 2);
  t.equal(speaker.db(AMBIENT), 0);
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  await clock.advance(0);
  t.equal(speaker.db(AMBIENT), DUCK_DB);
  t.equal(speaker.db('guidance.howto@en'), 0);
  await clock.advance(CLIP_MS * 0.75);
  t.equal(speaker.db('robot.passing@ja'), DUCK_DB, 'its next language begins as quietly');
  await clock.advance(CLIP_MS * 0.5);
  t.equal(speaker.db('robot.passing@ja'), 0);
  await clock.advance(2 * CLIP_MS);
  t.strictSame(speaker.stopped, []);
  t.strictSame(said, [AMBIENT, 'guidance.howto@en', 'robot.passing@ja', 'robot.passing@ko', '-']);
  t.equal(clock.pending, 0);
  await voice.close();
});

t.test('an alarm stops both what is said and what is beneath; only guidance is taken up again', async (t) => {
  const { voice, clock, speaker, said } = await mixing();
  voice.say({ key: 'robot.passing', priority: 'ambient' });
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  await clock.advance(CLIP_MS / 2);
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await clock.advance(0);
  t.strictSame(speaker.stopped.sort(), ['guidance.howto@en', AMBIENT].sort());
  await clock.advance(5 * CLIP_MS);
  t.strictSame(said, [AMBIENT, 'guidance.howto@en', '-', 'alarm.pressed@en', '-', 'guidance.howto@en', '-']);
  await voice.close();
});

t.test('an alarm begins though what lay beneath is slow to stop', async (t) => {
  const { voice, clock, speaker } = await mixing();
  voice.say({ key: 'robot.passing', priority: 'ambient' });
  await clock.advance(0);
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  await clock.advance(0);
  voice.hush('ambient');
  speaker.mode = 'lingers';
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await clock.advance(100);
  t.strictSame(voice.speaking, { key: 'alarm.pressed', language: 'en' });
  await clock.advance(10 * CLIP_MS);
  t.equal(voice.speaking, null);
  await voice.close();
});

t.test(
  'a second guidance prompt ducks the same ambient sound, which two at most are heard with',
  async (t) => {
    const { voice, clock, speaker } = await mixing();
    voice.say({ key: 'robot.passing', priority: 'ambient', languages: ['en', 'ja', 'ko'] });
    voice.say({ key: 'guidance.howto', priority: 'guidance' });
    voice.say({ key: 'object.left', priority: 'hazard' });
    await clock.advance(CLIP_MS * 1.5);
    t.strictSame(voice.speaking, { key: 'guidance.howto', language: 'en' });
    t.equal(speaker.db('robot.passing@ja'), DUCK_DB);
    await clock.advance(10 * CLIP_MS);
    t.equal(speaker.mostAtOnce, 2);
    t.ok(speaker.finished.includes('robot.passing@ko'));
    await voice.close();
  },
);

t.test('where the speaker plays one sound at a time, the ambient one is dropped', async (t) => {
  const { voice, clock, speaker } = await rig({ languages: ['en'] });
  voice.say({ key: 'robot.passing', priority: 'ambient' });
  await clock.advance(CLIP_MS / 2);
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  await clock.advance(10 * CLIP_MS);
  t.strictSame(speaker.stopped, [AMBIENT]);
  t.strictSame(speaker.began, [AMBIENT, 'guidance.howto@en']);
  t.equal(speaker.mostAtOnce, 1);
  await voice.close();
});

t.test('closing stops both', async (t) => {
  const { voice, clock, speaker } = await mixing();
  voice.say({ key: 'robot.passing', priority: 'ambient' });
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  await clock.advance(0);
  await voice.close();
  t.equal(speaker.stopped.length, 2);
  t.equal(clock.pending, 0);
});

t.test('each priority is said at the volume it has now', async (t) => {
  const levels = { 'talk-back': 0, alarm: -6, hazard: -6, guidance: -20, ambient: -20 };
  const { voice, clock, speaker } = await rig({
    languages: ['en'],
    volumeDb: (priority) => levels[priority],
  });
  voice.say({ key: 'guidance.howto', priority: 'guidance' });
  voice.say({ key: 'alarm.pressed', priority: 'alarm' });
  await clock.advance(CLIP_MS);
  t.equal(speaker.db('guidance.howto@en'), -20);
  t.equal(speaker.db('alarm.pressed@en'), -6);
  await voice.close();
});

t.test('the table in docs/sound.md is the one that the code keeps', async (t) => {
  const page = readFileSync(new URL('../../../../docs/sound.md', import.meta.url), 'utf8');
  const rows = new Map<string, readonly string[]>();
  for (const line of page.split('\n')) {
    const [, name = '', ...cells] = line.split('|').map((cell) => cell.trim());
    const priority = name.replaceAll('`', '');
    if (VOICE_PRIORITIES.some((known) => known === priority) && cells.length === 6) rows.set(priority, cells);
  }
  t.strictSame([...rows.keys()], [...VOICE_PRIORITIES], 'a row for each priority');
  for (const next of VOICE_PRIORITIES)
    for (const [column, now] of VOICE_PRIORITIES.entries())
      t.equal(rows.get(next)?.[column], INTERRUPTIONS[next][now] ?? 'waits', `${next} over ${now}`);
});
