import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  availableLanguages,
  CATALOGUE_DIR,
  checkCatalogue,
  loadCatalogue,
  missingPrompts,
} from '#scripts/voice/catalogue.ts';
import { PROMPT_KEYS } from '#scripts/voice/prompts.ts';
import { unreadable } from '#scripts/voice/reading.ts';
import { wayWords, wordsOf } from '#scripts/voice/words.ts';

t.test('every language has every prompt', async (t) => {
  const languages = await availableLanguages();
  for (const needed of ['en', 'ja', 'ko', 'zh-CN']) t.ok(languages.includes(needed), needed);
  for (const language of languages) {
    const catalogue = await loadCatalogue(language);
    t.strictSame(missingPrompts(catalogue), [], language);
    const words = await wordsOf(catalogue);
    t.strictSame(
      words.map(({ key }) => key),
      PROMPT_KEYS,
    );
    for (const { key, text, speech } of words) {
      t.ok(text.length > 0 && !text.includes('{{') && !speech.includes('{{'), `${language} ${key}: filled`);
    }
  }
});

t.test('the number to call is that of the place, read digit by digit in every language', async (t) => {
  for (const language of await availableLanguages()) {
    const catalogue = await loadCatalogue(language);
    const { digits } = catalogue.catalogue;
    const words = await wordsOf(catalogue, { emergencyNumber: '119' });
    for (const wanted of ['alarm.unstored', 'test.begin']) {
      const prompt = words.find(({ key }) => key === wanted);
      t.match(prompt?.text, /119/, `${language} ${wanted}`);
      t.ok(prompt?.speech.includes(`${digits[1]} ${digits[1]} ${digits[9]}`), `${language} ${wanted} spoken`);
      t.notMatch(prompt?.speech, /\d{2}/);
    }
  }
});

t.test(
  'no prompt says more than its state: nothing is called received, taken or coming before it is',
  async (t) => {
    const words = new Map((await wordsOf(await loadCatalogue('en'))).map(({ key, text }) => [key, text]));
    for (const key of ['alarm.pressed', 'alarm.stored', 'alarm.unstored'] as const)
      t.notMatch(words.get(key), /\bsent\b|received|has your alarm|on its way/, key);
    t.notMatch(words.get('alarm.sent'), /has your alarm|a person|on its way/);
    t.notMatch(words.get('alarm.received'), /a person|on its way/i);
    t.notMatch(words.get('alarm.acknowledged'), /on its way/);
    t.match(words.get('alarm.stored'), /keeps trying/);
    t.match(words.get('alarm.unstored'), /could not save.*keeps calling.*call 110/);
  },
);

t.test('what the engines cannot read is written in letters they can', async (t) => {
  const chinese = await wordsOf(await loadCatalogue('zh-CN'));
  for (const { key, text, speech } of chinese) {
    t.match(speech, /^([a-zü]+[1-5])+([ ,.]+([a-zü]+[1-5])+)*\.$/, `${key}: pinyin with tones`);
    const hanzi = text.match(/\p{Script=Han}|\d/gu) ?? [];
    const syllables = speech.match(/[1-5]/g) ?? [];
    t.equal(syllables.length, hanzi.length, `${key}: a syllable for each character`);
  }
  for (const { key, text, speech } of await wordsOf(await loadCatalogue('zh-HK'))) {
    const hanzi = text.match(/\p{Script=Han}|\d/gu) ?? [];
    t.equal(speech.match(/[1-6]/g)?.length, hanzi.length, `${key}: a syllable for each character`);
  }
  for (const { key, text, speech } of await wordsOf(await loadCatalogue('ar')))
    t.match(speech, /[\u064b-\u0650]/, `${key}: ${text} with its vowels`);
  for (const { key, speech } of await wordsOf(await loadCatalogue('ja')))
    t.notMatch(speech, /\p{Script=Han}|[A-Za-z0-9]/u, `${key}: kana alone`);
});

const good = await readFile(join(CATALOGUE_DIR, 'en.json'), 'utf8');

t.test('sixteen languages are spoken', async (t) => {
  const wanted = 'ar de en es fr hi id ja ko ms pt ru th vi zh-CN zh-HK'.split(' ');
  t.strictSame(await availableLanguages(), wanted);
});

t.test(
  'a distance takes the plural of its language, and numbers are words where digits are not read',
  async (t) => {
    const way = async (language: string, distanceM: number) => {
      const name = { [language]: { text: 'X', speech: 'X' } };
      const [words] = await wayWords(await loadCatalogue(language), [
        { id: 'x', name, direction: 'ahead', distanceM },
      ]);
      return words;
    };
    t.match(await way('en', 7), { key: 'place.x', text: 'X: straight ahead. About 10 metres.' });
    t.match((await way('ru', 52))?.text, /50 метров/);
    t.match((await way('ar', 10))?.text, /10 أمتار/);
    t.match((await way('ar', 50))?.text, /50 مترا/);
    t.match((await way('ar', 100))?.text, /100 متر\./);
    t.match(await way('ja', 147), { text: /約150メートル/, speech: /ひゃく ごじゅう メートル/ });
    t.match(await way('th', 640), { text: / 650 เมตร/, speech: /h'ok2 r'O:j4\]\] \[\[h'a:5 s'ip2/ });
    t.match(await way('th', 1000), { speech: /ph'an3/ });
  },
);

t.test('a place without a name in the language, or a catalogue without the way, has no words', async (t) => {
  const places = [{ id: 'x', name: { en: 'X' }, direction: 'left' as const }];
  t.strictSame(await wayWords(await loadCatalogue('de'), places), []);
  const text = good.replace(/"left": "\{\{place.*?",/, '');
  t.strictSame(await wayWords(checkCatalogue(text, 'en.json', 'en'), places), []);
});

t.test('a bad catalogue is refused with file, key and what is right', async (t) => {
  const cases: [string, (text: string) => string, RegExp][] = [
    ['not JSON', (text) => text.slice(0, -5), /WP2506.*en\.json: .*JSON/],
    [
      'an unknown prompt',
      (text) => text.replace('"howto"', '"hwto"'),
      /prompts\.guidance\.hwto: .*guidance\.howto/,
    ],
    [
      'an unknown placeholder',
      (text) => text.replace('{{emergencyNumber}}', '{{number}}'),
      /emergencyNumber/,
    ],
    [
      'a placeholder of another prompt',
      (text) => text.replace('{{place}}', '{{emergencyNumber}}'),
      /prompts\.way\.ahead: .*place/,
    ],
    [
      'a distance without its forms',
      (text) => text.replace('"other": "About', '"one": "About'),
      /prompts\.way\.distance: the form "other" is missing/,
    ],
    [
      'a distance for words',
      (text) => text.replace(/"count": \{\s*"other": ".*?"\s*\}/, '"text": "a", "speech": "b"'),
      /"count"/,
    ],
    [
      'speech in other letters',
      (text) => text.replace('"wordsPerMinute"', '"reads": "kana", "wordsPerMinute"'),
      /catalogue\.digits\.0: "z" is not kana/,
    ],
    ['no voice', (text) => text.replace(/"voice": "en",\s*/, ''), /catalogue\.engine\.voice/],
    ['too few digits', (text) => text.replace('"zero", ', ''), /catalogue\.digits: say how each of the ten/],
    ['another language', (text) => text.replace('"language": "en"', '"language": "fr"'), /write "en"/],
    ['a later version', (text) => text.replace('"version": 1', '"version": 2'), /catalogue\.version/],
    ['empty words', (text) => text.replace(/"sent": ".*?"/, '"sent": ""'), /prompts\.alarm\.sent/],
    [
      'a number for words',
      (text) => text.replace(/"sent": ".*?"/, '"sent": 5'),
      /prompts\.alarm\.sent: write the words/,
    ],
  ];
  for (const [title, spoil, message] of cases) {
    const text = spoil(good);
    t.not(text, good, title);
    t.throws(() => checkCatalogue(text, '/x/en.json', 'en'), { code: 'WP2506', message }, title);
  }
});

t.test(
  'the languages that a place is named in are read, whatever the name holds beside letters',
  async (t) => {
    for (const [language, name] of [
      ['en', 'Café № 2, 1st floor'],
      ['fr', "Hôtel de l'Étoile"],
      ['ko', '2번 출구'],
    ] as const)
      t.equal(unreadable((await loadCatalogue(language)).catalogue, name), null, name);
  },
);

t.test('a language without a catalogue is refused, naming those there are', async (t) => {
  await t.rejects(loadCatalogue('tlh'), { code: 'WP2510', hint: /en, .*zh-CN/ });
});

t.test('a prompt that is left out is listed as missing, not refused', async (t) => {
  const text = good.replace(/"sent": ".*?",/, '');
  t.strictSame(missingPrompts(checkCatalogue(text, 'en.json', 'en')), ['alarm.sent']);
  const words = await wordsOf(checkCatalogue(text, 'en.json', 'en'));
  t.equal(words.length, PROMPT_KEYS.length - 1);
});
