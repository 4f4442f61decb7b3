import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { loadClips } from '#agent/behaviours/voice/clips.ts';
import { WatchpostError } from '#contract/errors.ts';
import { parseWav } from '#contract/wav.ts';
import type { SpeechEngine } from '#scripts/voice/engine.ts';
import { installPack, loadPack } from '#scripts/voice/pack/store.ts';
import { renderVoice } from '#scripts/voice/render.ts';
import { recorded } from './recordings.ts';

const noEngine: SpeechEngine = {
  version: async () => {
    throw new WatchpostError('WP2507');
  },
  speak: async () => undefined,
};

async function render(data: string, emergencyNumber = '110') {
  const dir = join(data, 'voice');
  const pack = await loadPack(data);
  const outcome = await renderVoice({
    dir,
    languages: ['en', 'ko'],
    engine: noEngine,
    pack,
    emergencyNumber,
  });
  return { outcome, dir };
}

t.test('a device without a speech engine speaks with the recordings of an installed pack', async (t) => {
  const data = t.testdir({
    pack: { en: { 'alarm.sent.wav': recorded(), 'alarm.unstored.wav': recorded() } },
  });
  t.strictSame((await installPack(join(data, 'pack'), data, {})).problems, []);
  const { outcome, dir } = await render(data);
  t.equal(outcome.rendered, 2);
  const clip = (await loadClips(dir)).find('alarm.sent', 'en');
  t.match(clip, { text: /^Your alarm has been sent/, durationMs: 1070 });
  t.equal(parseWav(await readFile(clip?.file ?? ''), 'clip').sampleRate, 48_000);
  t.equal((await loadClips(dir)).find('alarm.sent', 'ko'), null);
  t.equal((await render(data)).outcome.rendered, 0, 'a second start copies nothing');
});

t.test('a recording that names another number than the device’s is not used', async (t) => {
  const data = t.testdir({
    pack: { en: { 'alarm.sent.wav': recorded(), 'alarm.unstored.wav': recorded() } },
  });
  await installPack(join(data, 'pack'), data, { emergencyNumber: '119' });
  const clips = await loadClips((await render(data)).dir);
  t.equal(clips.find('alarm.unstored', 'en'), null, 'it says 119, the device is to say 110');
  t.ok(clips.find('alarm.sent', 'en'), 'this one names none');
  t.ok((await loadClips((await render(data, '119')).dir)).find('alarm.unstored', 'en'));
});

t.test('a pack with a problem changes nothing; a good one takes the place of the last', async (t) => {
  const data = t.testdir({
    good: { en: { 'alarm.sent.wav': recorded() } },
    bad: { en: { 'alarm.received.wav': recorded(), 'alarm.snt.wav': recorded() } },
    next: { en: { 'alarm.closed.wav': recorded() } },
  });
  await installPack(join(data, 'good'), data, {});
  t.match((await installPack(join(data, 'bad'), data, {})).problems, [{ code: 'WP2542' }]);
  t.strictSame(await readdir(join(data, 'voice-pack', 'en')), ['alarm.sent.wav']);
  await installPack(join(data, 'next'), data, {});
  t.strictSame(await readdir(join(data, 'voice-pack', 'en')), ['alarm.closed.wav']);
  await t.rejects(installPack(join(data, 'none'), data, {}), { code: 'WP2541' });
  t.notOk((await readdir(data)).includes('voice-pack.new'));
});

t.test('a clip that was changed on the device is not played, and told', async (t) => {
  const data = t.testdir({ pack: { en: { 'alarm.sent.wav': recorded() } } });
  await installPack(join(data, 'pack'), data, {});
  await writeFile(join(data, 'voice-pack/en/alarm.sent.wav'), recorded({ level: 0.5 }));
  const { outcome } = await render(data);
  t.equal(outcome.rendered, 0);
  const pack = await loadPack(data);
  const clip = pack.find('en', { key: 'alarm.sent', text: 'Something else.' });
  t.equal(clip, null, 'nor one whose words have changed');
  await rm(join(data, 'voice-pack/en'), { recursive: true });
  const found = pack.find('en', {
    key: 'alarm.sent',
    text: 'Your alarm has been sent. We are waiting for the control room to receive it.',
  });
  t.ok(found);
  if (found !== null) await t.rejects(pack.bytesOf(found), { code: 'WP2546' });
});

t.test('a damaged list is WP2546, none at all is no pack', async (t) => {
  const data = t.testdir({ 'voice-pack': { 'pack.json': '{"packVersion":2}' } });
  await t.rejects(loadPack(data), { code: 'WP2546' });
  t.equal((await loadPack(t.testdir())).find('en', { key: 'alarm.sent', text: 'x' }), null);
});

t.test('the way to a place may be recorded, until the place is another or elsewhere', async (t) => {
  const data = t.testdir({
    pack: { en: { 'place.gate.wav': recorded() }, ja: { 'place.gate.wav': recorded() } },
  });
  t.strictSame(await installPack(join(data, 'pack'), data, {}).then(({ problems }) => problems), []);
  const way = async (direction: 'left' | 'right') => {
    // Kanji, which no engine reads: the recording makes up for it.
    const name = { en: 'North gate', ja: '北門' };
    const places = [{ id: 'gate', direction, name }];
    const dir = join(data, 'voice');
    const pack = await loadPack(data);
    const { problems } = await renderVoice({ dir, languages: ['en', 'ja'], engine: noEngine, pack, places });
    const clips = await loadClips(dir);
    return {
      problems: problems.map(({ code }) => code),
      told: ['en', 'ja'].map((language) => clips.find('place.gate', language)?.text ?? null),
    };
  };
  const first = await way('left');
  t.strictSame(first.problems, ['WP2507']);
  t.match(first.told[0], /^North gate: to the left/);
  t.match(first.told[1], /^北門/);
  t.strictSame(await way('left'), first, 'and at every start after');
  await t.rejects(way('right'), { code: 'WP2503' }, 'it says left: nothing is left to be heard');
});

t.test('a recording of what nobody asks for is refused, by its name', async (t) => {
  const data = t.testdir({ pack: { en: { 'place.Exit 2.wav': recorded(), 'way.left.wav': recorded() } } });
  t.match((await installPack(join(data, 'pack'), data, {})).problems, [
    { code: 'WP2542' },
    { code: 'WP2542' },
  ]);
});
