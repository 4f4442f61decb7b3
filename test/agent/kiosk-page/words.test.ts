import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import {
  greetingLanguages,
  initialPage,
  type PageState,
  secondsLeft,
  WARNED_S,
} from '#agent/kiosk-page/page-state.ts';
import { directionOf, distanceIn, secondsIn, wordsIn } from '#agent/kiosk-page/words.ts';
import type { KioskView } from '#agent/ports/kiosk.ts';
import { PAGE_LANGUAGES } from '#agent/ports/page-languages.ts';
import { availableLanguages, loadCatalogue } from '#scripts/voice/catalogue.ts';
import { VIEW } from '../kiosk/fixture.ts';

const folder = new URL('../../../agent/kiosk-page/locales/', import.meta.url);

t.test('the page has words in every language that devices speak, and in no other', async (t) => {
  t.same([...PAGE_LANGUAGES].sort(), await availableLanguages());
  t.same(readdirSync(folder).sort(), [...PAGE_LANGUAGES].map((language) => `${language}.json`).sort());
});

t.test('every language has every word, in its own letters', async (t) => {
  const keys = Object.keys(wordsIn('en'));
  t.ok(keys.length >= 16);
  const script: Record<string, RegExp> = {
    'zh-CN': /\p{Script=Han}/u,
    'zh-HK': /\p{Script=Han}/u,
    ja: /[\p{Script=Han}\p{Script=Hiragana}]/u,
    ko: /\p{Script=Hangul}/u,
    ru: /\p{Script=Cyrillic}/u,
    ar: /\p{Script=Arabic}/u,
    th: /\p{Script=Thai}/u,
    hi: /\p{Script=Devanagari}/u,
  };
  for (const language of PAGE_LANGUAGES) {
    const words: Record<string, string> = JSON.parse(
      readFileSync(new URL(`${language}.json`, folder), 'utf8'),
    );
    t.same(Object.keys(words), keys, language);
    t.same(wordsIn(language), words, `${language} is the file of its name`);
    t.equal(
      words.name,
      (await loadCatalogue(language)).catalogue.name,
      `${language}: as the voice calls itself`,
    );
    t.equal(words.offline?.split('{{number}}').length, 2, `${language}: the number to call stands once`);
    for (const [key, text] of Object.entries(words)) {
      t.match(text, script[language] ?? /\p{Script=Latin}/u, `${language} ${key}`);
      t.ok(text.trim() === text && text !== '', `${language} ${key}`);
      if (key !== 'offline') t.notMatch(text, /[{}]/, `${language} ${key}`);
    }
  }
});

t.test('a language without words falls back on English, and Arabic runs from right to left', async (t) => {
  t.equal(wordsIn('tlh').back, 'Back');
  t.equal(wordsIn(null).back, 'Back');
  t.same(['ar', 'ar-EG', 'he', 'en', 'zh-HK', null].map(directionOf), [
    ...['rtl', 'rtl', 'rtl'],
    ...['ltr', 'ltr', 'ltr'],
  ]);
});

t.test(
  'distances and seconds are written as the language does, and rounded as they are spoken',
  async (t) => {
    // Some languages put a space there that does not break.
    const plain = (text: string) => text.replace(/\s/g, ' ');
    t.equal(distanceIn('en', 52), '50 metres');
    t.equal(plain(distanceIn('de', 5)), '10 Meter');
    t.equal(distanceIn('en', 96), '100 metres');
    t.equal(plain(distanceIn('fr', 240)), '250 mètres');
    t.equal(distanceIn('ja', 240), '250 メートル');
    t.equal(secondsIn('en', 1), '1 second');
    t.equal(plain(secondsIn('ru', 2)), '2 секунды');
    t.equal(plain(secondsIn('ru', 5)), '5 секунд');
  },
);

t.test('a visitor is warned 20 seconds ahead, and not beside an alarm or a lost line', async (t) => {
  const at = (view: Partial<KioskView>, more: Partial<PageState> = {}): PageState => ({
    ...initialPage,
    view: { ...VIEW, step: 'topics', language: 'en', idleInMs: 45_000, ...view },
    cameMs: 1_000,
    ...more,
  });
  t.equal(WARNED_S, 20);
  t.equal(secondsLeft(at({}), 25_000), null);
  t.equal(secondsLeft(at({}), 26_000), 20);
  t.equal(secondsLeft(at({}), 45_900), 1);
  t.equal(secondsLeft(at({}), 99_000), 0);
  t.equal(secondsLeft(at({ idleInMs: null }), 99_000), null);
  t.equal(secondsLeft(at({ alarm: { key: 'alarm.sent', sayings: [] } }), 99_000), null);
  t.equal(secondsLeft(at({}, { line: 'down' }), 99_000), null);
  t.equal(secondsLeft(initialPage, 99_000), null);
});

t.test('who has chosen nothing is greeted in two languages that differ', async (t) => {
  t.same(greetingLanguages(['zh-CN', 'zh-HK', 'en', 'ja']), ['zh-CN', 'en']);
  t.same(greetingLanguages(['ar']), ['ar']);
  t.same(greetingLanguages([]), []);
});
