import { spawnSync } from 'node:child_process';
import t from 'tap';
import { availableLanguages, loadCatalogue } from '#scripts/voice/catalogue.ts';
import { EspeakEngine } from '#scripts/voice/engine.ts';
import { wordsOf } from '#scripts/voice/words.ts';

const engine = new EspeakEngine();
const skip = spawnSync('espeak-ng', ['--version']).status === 0 ? false : 'espeak-ng is not installed';

t.test(
  'the engine reads every prompt in its own language, spelling nothing in English',
  { skip },
  async (t) => {
    t.match(await engine.phonemes('cmn', '已按下'), /\(en\)/, 'the check sees hanzi read as English');
    t.match(await engine.phonemes('ja', '通報'), /\(en\)/, 'the check sees kanji read as English');
    for (const language of await availableLanguages()) {
      const catalogue = await loadCatalogue(language);
      for (const { key, speech } of await wordsOf(catalogue)) {
        const phonemes = await engine.phonemes(catalogue.catalogue.engine.voice, speech);
        t.notMatch(phonemes, /\([a-z-]+\)/, `${language} ${key}`);
        t.match(phonemes, /\S/, `${language} ${key} is not silent`);
      }
    }
  },
);

t.test('a missing engine is WP2507, an unknown voice WP2508', { skip }, async (t) => {
  await t.rejects(new EspeakEngine('espeak-nowhere').version(), { code: 'WP2507' });
  const request = { voice: 'nosuch', wordsPerMinute: 150, speech: 'x', file: `${t.testdir()}/x.wav` };
  await t.rejects(engine.speak(request), { code: 'WP2508' });
});
