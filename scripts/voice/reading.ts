/**
 * In what letters the speech of a language is written, as its engine needs it (espeak-ng 1.51, each tried):
 * `text` as people write it, in the script of the language; `pinyin` and `jyutping` with tone numbers (hanzi are read wrongly or as English); `kana`
 * (kanji are read as "Chinese letter"); `vowel-marks` (Arabic without them loses its vowels); `phonemes` in [[…]] for
 * Thai, whose script the engine's rules take for something else.
 */
export const READINGS = ['text', 'pinyin', 'jyutping', 'kana', 'vowel-marks', 'phonemes'] as const;
export type Reading = (typeof READINGS)[number];

/** What decides how speech is read: `catalogue` of a catalogue. */
export interface Reader {
  readonly language: string;
  readonly engine: { readonly reads: Reading };
}

/** Why the engine could not read this speech, or null when it can. Placeholders are passed over. */
export function unreadable({ language, engine }: Reader, speech: string): string | null {
  const words = speech.replaceAll(/\{\{.*?\}\}/g, ' ');
  return RULES[engine.reads](words, language);
}

/** The letters of the scripts that engines read as people write them, by ISO 15924 name. */
const LETTERS: Readonly<Record<string, RegExp>> = {
  Latn: /\p{Script=Latin}/u,
  Cyrl: /\p{Script=Cyrillic}/u,
  Kore: /\p{Script=Hangul}/u,
  Deva: /\p{Script=Devanagari}/u,
};

/** Letters of another script are spelled, or read as English. */
function foreignLetter(words: string, language: string): string | null {
  const own = LETTERS[new Intl.Locale(language).maximize().script ?? ''];
  const other = [...words].find((char) => /\p{L}/u.test(char) && own?.test(char) === false);
  return other === undefined ? null : `"${other}" is no letter of this language`;
}

/** Thai, one syllable: initial consonants, stress, vowels, end, tone (1 rising, 2 low, 3 mid, 4 high, 5 falling). */
const THAI_SYLLABLE =
  /^(?:k|kh|t|th|p|ph|tS|tSh|b|d|f|s|h|m|n|N|l|r|w|j|\?|[kp]h?[lrw]|tr)'(?:(?:a|i|u|ue|e|ae|o|O|@|oe):?|(?:i|u|ue):@)(?:[ptkmnNwj])?[1-5]$/;
const SHORT_VOWELS = /[\u064b-\u0650\u0652]/;
const ARABIC_LETTER = /\p{Script=Arabic}/u;
const SHADDA = '\u0651';

const RULES: Record<Reading, (words: string, language: string) => string | null> = {
  text: foreignLetter,
  pinyin: (words) =>
    syllables(words.match(/[a-zü]+\d?|[^\s,.]/g), /^[a-zü]+[1-5]$|^\d$/, 'pinyin such as qing3'),
  jyutping: (words) => syllables(words.match(/[^\s,.]+/g), /^[a-z]+[1-6]$|^\d+$/, 'jyutping such as ceng2'),
  kana: (words) => {
    const other = /[^\p{Script=Hiragana}\p{Script=Katakana}ー、。\s]/u.exec(words);
    return other === null ? null : `"${other[0]}" is not kana`;
  },
  'vowel-marks': (words) => {
    const bare = words.split(/[^\p{Script=Arabic}\p{Mn}]+/u).find((word) => lacksVowels(word));
    return bare === undefined ? null : `"${bare}" lacks vowel marks`;
  },
  phonemes: (words) => {
    const outside = words.replaceAll(/\[\[.*?\]\]/g, ' ').replaceAll(/[\s,.]/g, '');
    if (outside !== '') return `"${outside}" stands outside [[…]]`;
    const inside = [...words.matchAll(/\[\[(.*?)\]\]/g)].flatMap(([, text = '']) => text.split(' '));
    return syllables(inside, THAI_SYLLABLE, "a syllable such as kh'un3");
  },
};

function syllables(found: readonly string[] | null, right: RegExp, example: string): string | null {
  const wrong = found?.find((syllable) => !right.test(syllable));
  return wrong === undefined ? null : `"${wrong}" is not ${example}`;
}

/** Letters that stand for a long vowel or carry none of their own. */
const LONG = 'اآىويء';

/** Whether a letter inside the word has neither a vowel mark nor a reason to be without one. */
function lacksVowels(word: string): boolean {
  const letters = [...word].flatMap((char, at) =>
    ARABIC_LETTER.test(char) && !isMark(char) ? [{ char, at }] : [],
  );
  return letters.some(({ char, at }, index) => {
    const isLast = index === letters.length - 1;
    const marks = [...word].slice(at + 1, letters[index + 1]?.at ?? at + 3).filter(isMark);
    if (isLast || LONG.includes(char) || marks.some((mark) => SHORT_VOWELS.test(mark))) return false;
    return !isArticle(char, letters[index - 1]?.char);
  });
}

/** The lam of the article, also after a preposition: it takes no vowel. */
function isArticle(char: string, before: string | undefined): boolean {
  return char === 'ل' && (before === 'ا' || before === 'ل');
}

function isMark(char: string): boolean {
  return SHORT_VOWELS.test(char) || char === SHADDA;
}
