import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { loadClips } from '#agent/behaviours/voice/clips.ts';
import { WatchpostError } from '#contract/errors.ts';
import { wavHeader } from '#contract/wav.ts';
import type { SpeechEngine, SpeechRequest } from '#scripts/voice/engine.ts';
import { PROMPT_KEYS } from '#scripts/voice/prompts.ts';
import { renderVoice } from '#scripts/voice/render.ts';

const ALL = PROMPT_KEYS.length;

/** Writes a WAV file of 10 ms a letter, and remembers what it was asked. */
class TestEngine implements SpeechEngine {
  readonly spoken: SpeechRequest[] = [];
  installed = true;
  name = 'engine 1';
  silent = false;
  fails = /^$/;

  async version(): Promise<string> {
    if (!this.installed) throw new WatchpostError('WP2507');
    return this.name;
  }

  async speak(request: SpeechRequest): Promise<void> {
    if (this.fails.test(request.speech)) throw new WatchpostError('WP2508', { detail: request.speech });
    this.spoken.push(request);
    const bytes = request.speech.length * 160;
    await writeFile(
      request.file,
      Buffer.concat([wavHeader(8000, bytes), Buffer.alloc(bytes, this.silent ? 0 : 0x20)]),
    );
  }
}

t.test('all prompts of the languages asked for are rendered, and the agent finds them', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  const seen: number[] = [];
  const outcome = await renderVoice({
    dir,
    languages: ['en', 'ja', 'en'],
    engine,
    onProgress: (done) => seen.push(done),
  });
  t.match(outcome, { prompts: 2 * ALL, rendered: 2 * ALL, silent: 0, problems: [] });
  t.equal(seen.at(-1), 2 * ALL);
  const clip = (await loadClips(dir)).find('alarm.sent', 'en');
  t.equal(clip?.durationMs, (clip?.text.length ?? 0) * 10);
  t.equal(clip?.file, join(dir, 'en/alarm.sent.wav'));
  t.notOk((await readdir(dir, { recursive: true })).some((name) => name.endsWith('.part')));
});

t.test('a second rendering does nothing; only what changed is rendered again', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  await renderVoice({ dir, languages: ['en'], engine });
  t.equal((await renderVoice({ dir, languages: ['en'], engine })).rendered, 0);
  t.equal((await renderVoice({ dir, languages: ['en'], engine, emergencyNumber: '119' })).rendered, 4);
  await rm(join(dir, 'en/alarm.sent.wav'));
  await writeFile(join(dir, 'en/alarm.closed.wav'), 'broken');
  t.equal((await renderVoice({ dir, languages: ['en'], engine, emergencyNumber: '119' })).rendered, 2);
  engine.name = 'engine 2';
  t.equal((await renderVoice({ dir, languages: ['en'], engine })).rendered, ALL);
});

t.test('clips of a language that was taken out of the profile go', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  await renderVoice({ dir, languages: ['en', 'ko'], engine });
  await renderVoice({ dir, languages: ['en'], engine });
  t.strictSame(await readdir(join(dir, 'ko')), []);
  t.equal((await loadClips(dir)).find('alarm.sent', 'ko'), null);
});

t.test('without an engine there is a manifest, a warning, and no clip', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  engine.installed = false;
  const outcome = await renderVoice({ dir, languages: ['en'], engine });
  t.match(outcome, { prompts: ALL, rendered: 0, silent: ALL, problems: [{ code: 'WP2507' }] });
  t.match(JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')), { manifestVersion: 1 });
  await t.rejects(loadClips(dir), { code: 'WP2503' });
});

t.test('an engine that went away leaves the clips whose words still hold, and only those', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  await renderVoice({ dir, languages: ['en'], engine });
  engine.installed = false;
  t.match(await renderVoice({ dir, languages: ['en'], engine }), {
    silent: 0,
    problems: [{ code: 'WP2507' }],
  });
  const outcome = await renderVoice({ dir, languages: ['en'], engine, emergencyNumber: '999' });
  t.equal(outcome.silent, 4, 'the prompts that name the old number are gone');
  t.equal((await loadClips(dir)).find('alarm.unstored', 'en'), null);
  t.notOk((await readdir(join(dir, 'en'))).includes('alarm.unstored.wav'));
});

t.test('a prompt that the engine cannot say is left out, the others are there', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  engine.fails = /robot is passing/;
  const outcome = await renderVoice({ dir, languages: ['en'], engine });
  t.match(outcome, { silent: 1, rendered: ALL - 1, problems: [{ code: 'WP2508' }] });
  t.equal((await loadClips(dir)).find('robot.passing', 'en'), null);
});

t.test('an engine that writes nothing that can be heard has failed', async (t) => {
  const engine = new TestEngine();
  engine.silent = true;
  const outcome = await renderVoice({ dir: t.testdir(), languages: ['en'], engine });
  t.match(outcome, { rendered: 0, silent: ALL, problems: [{ code: 'WP2508' }] });
});

t.test('a language without a catalogue is refused before anything is written', async (t) => {
  const dir = t.testdir();
  await t.rejects(renderVoice({ dir, languages: ['en', 'tlh'], engine: new TestEngine() }), {
    code: 'WP2510',
  });
  t.strictSame(await readdir(dir), []);
});

const exit = {
  id: 'exit-2',
  name: { en: 'Exit 2', ja: { text: '2番出口', speech: 'にばん でぐち' } },
  direction: 'left',
  distanceM: 52,
} as const;

t.test('the way to a place of the site is rendered in each language that has its name', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  const outcome = await renderVoice({ dir, languages: ['en', 'ja'], engine, places: [exit] });
  t.match(outcome, { prompts: 2 * ALL + 2, problems: [] });
  const clips = await loadClips(dir);
  t.equal(clips.find('place.exit-2', 'en')?.text, 'Exit 2: to the left. About 50 metres.');
  t.equal(clips.find('place.exit-2', 'ja')?.text, '2番出口：左側です。 約50メートルです。');
  t.ok(engine.spoken.some(({ speech }) => speech.includes('にばん でぐち') && speech.includes('ごじゅう')));
});

t.test('a place that a language cannot tell is named, and everything else is rendered', async (t) => {
  const dir = t.testdir();
  const bad = { ...exit, id: 'gate', name: { en: 'Gate', ja: '門' } };
  const outcome = await renderVoice({
    dir,
    languages: ['en', 'ja', 'ko'],
    engine: new TestEngine(),
    places: [bad],
  });
  t.match(outcome, { prompts: 3 * ALL + 1, silent: 0, problems: [{ code: 'WP2540' }] });
  t.match(outcome.problems[0]?.detail, /^gate in ja: "門" is not kana; gate in ko: no name$/);
});

const lockers = {
  id: 'lockers',
  title: { en: 'Left luggage' },
  text: { en: 'At the desk.', ja: { text: '案内所です。', speech: 'あんないじょです。' } },
};

t.test('an answer of the site is rendered in each language that it has words in', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  const outcome = await renderVoice({ dir, languages: ['en', 'ja'], engine, answers: [lockers] });
  t.match(outcome, { prompts: 2 * ALL + 2, problems: [] });
  t.equal((await loadClips(dir)).find('answer.lockers', 'ja')?.text, '案内所です。');
  t.ok(engine.spoken.some(({ speech }) => speech === 'あんないじょです。'));
});

t.test('an answer that a language cannot tell is named, and everything else is rendered', async (t) => {
  const dir = t.testdir();
  const bad = { ...lockers, text: { en: 'At the desk.', ja: '案内所' } };
  const outcome = await renderVoice({
    dir,
    languages: ['en', 'ja', 'ko'],
    engine: new TestEngine(),
    answers: [bad],
  });
  t.match(outcome, { prompts: 3 * ALL + 1, silent: 0, problems: [{ code: 'WP2701' }] });
  t.match(outcome.problems[0]?.detail, /^lockers in ja: .* not kana; lockers in ko: no words$/);
});

t.test('everything that is wrong is told: no engine, and a place that cannot be read', async (t) => {
  const engine = new TestEngine();
  engine.installed = false;
  const places = [{ id: 'gate', direction: 'left' as const, name: { en: 'Gate' } }];
  const outcome = await renderVoice({ dir: t.testdir(), languages: ['en', 'ja'], engine, places });
  t.match(outcome.problems, [{ code: 'WP2507' }, { code: 'WP2540', detail: 'gate in ja: no name' }]);
});

t.test('whoever is hurt is told the medical number, and everybody else the emergency number', async (t) => {
  const dir = t.testdir();
  const engine = new TestEngine();
  await renderVoice({ dir, languages: ['en', 'th'], engine, emergencyNumber: '110', medicalNumber: '120' });
  const clips = await loadClips(dir);
  for (const language of ['en', 'th']) {
    t.match(clips.find('guidance.first-aid', language)?.text, /120/);
    t.notMatch(clips.find('guidance.first-aid', language)?.text, /110/);
    t.match(clips.find('alarm.unstored', language)?.text, /110/);
  }
  await renderVoice({ dir, languages: ['en'], engine, emergencyNumber: '112' });
  t.match(
    (await loadClips(dir)).find('guidance.first-aid', 'en')?.text,
    /112/,
    'one number where there is one',
  );
});
