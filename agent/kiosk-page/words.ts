import { PAGE_LANGUAGES } from '#agent/ports/page-languages.ts';
import { roundedMetres } from '#agent/ports/told-distance.ts';
import ar from './locales/ar.json' with { type: 'json' };
import de from './locales/de.json' with { type: 'json' };
import en from './locales/en.json' with { type: 'json' };
import es from './locales/es.json' with { type: 'json' };
import fr from './locales/fr.json' with { type: 'json' };
import hi from './locales/hi.json' with { type: 'json' };
import id from './locales/id.json' with { type: 'json' };
import ja from './locales/ja.json' with { type: 'json' };
import ko from './locales/ko.json' with { type: 'json' };
import ms from './locales/ms.json' with { type: 'json' };
import pt from './locales/pt.json' with { type: 'json' };
import ru from './locales/ru.json' with { type: 'json' };
import th from './locales/th.json' with { type: 'json' };
import vi from './locales/vi.json' with { type: 'json' };
import zhCN from './locales/zh-CN.json' with { type: 'json' };
import zhHK from './locales/zh-HK.json' with { type: 'json' };

/** The page's own words in one language; what is said stands in the catalogues of the voice. */
export type Words = Readonly<typeof en>;

const WORDS: Readonly<Record<(typeof PAGE_LANGUAGES)[number], Words>> = {
  'zh-CN': zhCN,
  'zh-HK': zhHK,
  ...{ en, ja, ko, ru, fr, es, de, ar, vi, th, hi, id, ms, pt },
};

/** English where the page has no words in the language. */
export function wordsIn(language: string | null): Words {
  const known = PAGE_LANGUAGES.find((tag) => tag === language);
  return WORDS[known ?? 'en'];
}

const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

export const directionOf = (language: string | null): 'ltr' | 'rtl' =>
  RIGHT_TO_LEFT.includes(language?.split('-')[0] ?? '') ? 'rtl' : 'ltr';

/** `50 metres`, in the words and digits of the language, as far as it is told. */
export const distanceIn = (language: string | null, metres: number): string =>
  unitIn(language, 'meter', roundedMetres(metres));

export const secondsIn = (language: string | null, seconds: number): string =>
  unitIn(language, 'second', seconds);

function unitIn(language: string | null, unit: 'meter' | 'second', value: number): string {
  // The prompts are in British English.
  const locale = language === null || language === 'en' ? 'en-GB' : language;
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}
