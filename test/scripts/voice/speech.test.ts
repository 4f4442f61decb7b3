import { spawnSync } from 'node:child_process';
import t from 'tap';
import { availableLanguages, type Catalogue, loadCatalogue } from '#scripts/voice/catalogue.ts';
import { EspeakEngine } from '#scripts/voice/engine.ts';
import { pluralForms, SPOKEN_METRES } from '#scripts/voice/numbers.ts';
import { unreadable } from '#scripts/voice/reading.ts';
import { type PromptWords, wayWords, wordsOf } from '#scripts/voice/words.ts';

const engine = new EspeakEngine();
const skip = spawnSync('espeak-ng', ['--version']).status === 0 ? false : 'espeak-ng is not installed';

/** A name that each voice can read; numbers as in the smallest and the longest distance. */
const NAMES: Readonly<Record<string, string>> = {
  'zh-CN': 'chu1kou3',
  'zh-HK': 'ceot1 hau2',
  ja: 'でぐち',
  ko: '출구',
  ru: 'Выход',
  vi: 'Lối ra',
  ar: 'المَخْرَج',
  hi: 'निकास',
  th: "[[th'a:N3 ?'O:k2]]",
};

/** Everything a language says: each prompt, each way, each plural form of a distance. */
async function everything(catalogue: Catalogue): Promise<PromptWords[]> {
  const { language } = catalogue.catalogue;
  const name = { [language]: { text: 'X', speech: NAMES[language] ?? 'Exit' } };
  const rules = new Intl.PluralRules(language);
  const metres = pluralForms(language).map((form) =>
    SPOKEN_METRES.find((count) => rules.select(count) === form),
  );
  const ways = (['ahead', 'left', 'right', 'behind'] as const).map((direction) => ({
    id: direction,
    name,
    direction,
  }));
  const distances = metres.map((distanceM = 1000) => ({
    id: `m${distanceM}`,
    name,
    direction: 'left' as const,
    distanceM,
  }));
  return [...(await wordsOf(catalogue)), ...(await wayWords(catalogue, [...ways, ...distances]))];
}

/** Every vowel mark that is written must be heard: as many vowels in the phonemes as marks in the speech. */
const marksOf = (speech: string) => (speech.match(/[\u064b-\u0650]/g) ?? []).length;
const vowelsOf = (phonemes: string) => (phonemes.match(/[aiu]/g) ?? []).length;

/** Phonemes as written in [[…]], each tone directly after its vowels as espeak-ng prints it. */
function writtenPhonemes(speech: string): string {
  const all = [...speech.matchAll(/\[\[(.*?)\]\]/g)].map(([, inside]) => inside).join(' ');
  return all.replaceAll(/([ptkmnNwj])([1-5])/g, '$2$1');
}
const oneSpace = (text: string) => text.trim().replaceAll(/\s+/g, ' ');

t.test(
  'every voice reads every prompt of its language: nothing is spelled, nothing is left out',
  { skip },
  async (t) => {
    for (const language of await availableLanguages()) {
      const catalogue = await loadCatalogue(language);
      const { voice, reads } = catalogue.catalogue.engine;
      const words = await everything(catalogue);
      const phonemes = await engine.phonemes(
        voice,
        words.map(({ speech }) => speech),
      );
      t.equal(phonemes.length, words.length, language);
      for (const [index, { key, speech }] of words.entries()) {
        const heard = phonemes[index] ?? '';
        t.notMatch(heard, /\([a-z-]+\)/, `${language} ${key}: in its own language`);
        t.match(heard, /\S/, `${language} ${key}: not silent`);
        t.equal(
          unreadable(catalogue.catalogue, speech),
          null,
          `${language} ${key}: in letters that are read`,
        );
        if (reads === 'phonemes')
          t.equal(oneSpace(heard), oneSpace(writtenPhonemes(speech)), `${language} ${key}`);
        if (reads === 'vowel-marks') t.ok(vowelsOf(heard) >= marksOf(speech), `${language} ${key}: ${heard}`);
      }
    }
  },
);

t.test('the check fails on what the voices are known to get wrong', { skip }, async (t) => {
  const heard = async (voice: string, speech: string) => (await engine.phonemes(voice, [speech]))[0] ?? '';
  t.match(await heard('cmn', '已按下'), /\(en\)/, 'hanzi under a voice that takes them for English');
  t.match(await heard('ja', '通報'), /\(en\)/, 'kanji');
  t.match(await heard('hi', 'SOS'), /\(en\)/, 'Latin letters in Hindi');
  t.not(oneSpace(await heard('th', 'แล้ว')), "l'ae:4w", 'Thai script');
  t.not(oneSpace(await heard('th', "[[l'V:w4]]")), "l'V:4w", 'a vowel that the Thai voice does not have');
  t.match(await heard('ar', 'تَمَّ'), /amma/, 'the doubled consonant, in either order of its marks');
  t.ok(vowelsOf(await heard('ar', 'ابق قريبا')) < marksOf('اِبْقَ قَرِيبًا'), 'Arabic without its vowels');
});

t.test('speech in letters that a voice does not read is refused, naming the word', async (t) => {
  for (const [language, speech, why] of [
    ['th', 'โปรดรอ', /outside/],
    ['th', "[[kh'un]]", /kh'un/],
    ['ar', 'يرجى البقاء قريبا', /يرجى/],
    ['ar', 'يُرْجَى البقَاءُ', /البقَاءُ/],
    ['zh-CN', 'qing3 bu yao4', /bu/],
    ['zh-CN', '请', /请/],
    ['zh-HK', 'ceng2 m4hou2', /m4hou2/],
    ['ja', 'ボタンお 押して', /押/],
    ['en', 'Exit 出口', /出/],
    ['ru', 'Выход B', /B/],
    ['hi', 'SOS', /S/],
  ] as const) {
    const { catalogue } = await loadCatalogue(language);
    t.match(unreadable(catalogue, speech), why, speech);
  }
});

t.test('a missing engine is WP2507, an unknown voice WP2508', { skip }, async (t) => {
  await t.rejects(new EspeakEngine('espeak-nowhere').version(), { code: 'WP2507' });
  const request = { voice: 'nosuch', wordsPerMinute: 150, speech: 'x', file: `${t.testdir()}/x.wav` };
  await t.rejects(engine.speak(request), { code: 'WP2508' });
  await t.rejects(engine.phonemes('nosuch', ['x']), { code: 'WP2508' });
});
