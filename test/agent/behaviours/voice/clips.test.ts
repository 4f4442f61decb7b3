import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadClips } from '#agent/behaviours/voice/clips.ts';

const entry = { key: 'alarm.sent', language: 'en', text: 'Sent.', durationMs: 900, hash: 'a'.repeat(64) };

function folderWith(t: Test, manifest: unknown): string {
  return t.testdir({ 'manifest.json': JSON.stringify(manifest) });
}

t.test('a clip is found by key and language, with its file beside the manifest', async (t) => {
  const dir = folderWith(t, { manifestVersion: 1, prompts: [{ ...entry, file: 'en/alarm.sent.wav' }] });
  const clips = await loadClips(dir);
  t.match(clips.find('alarm.sent', 'en'), { file: join(dir, 'en/alarm.sent.wav'), durationMs: 900 });
  t.equal(clips.find('alarm.sent', 'ja'), null);
});

t.test('a prompt that was not rendered has no clip', async (t) => {
  const dir = folderWith(t, {
    manifestVersion: 1,
    prompts: [
      { ...entry, file: 'en/alarm.sent.wav' },
      { ...entry, key: 'alarm.closed', file: null, hash: null },
    ],
  });
  t.equal((await loadClips(dir)).find('alarm.closed', 'en'), null);
});

t.test('a manifest that is missing, broken, empty or points elsewhere is refused with WP2503', async (t) => {
  await t.rejects(loadClips(t.testdir()), { code: 'WP2503' });
  await t.rejects(loadClips(t.testdir({ 'manifest.json': '{' })), { code: 'WP2503' });
  for (const prompts of [[], [{ ...entry, file: null }], [{ ...entry, file: '../../etc/passwd.wav' }]])
    await t.rejects(loadClips(folderWith(t, { manifestVersion: 1, prompts })), { code: 'WP2503' });
  await t.rejects(loadClips(folderWith(t, { manifestVersion: 2, prompts: [] })), { code: 'WP2503' });
});
