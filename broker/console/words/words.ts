import { createInstance } from 'i18next';
import en from '../locales/en.json' with { type: 'json' };
import zhCN from '../locales/zh-CN.json' with { type: 'json' };

/** The console's languages, the first being the default; each is named in itself. */
export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The page's texts in one language. */
export interface Words {
  readonly language: Language;
  t(key: string, values?: Readonly<Record<string, string | number>>): string;
  /** The text of `group.name`, or `name` itself where a newer device says what this page has no word for. */
  term(group: string, name: string): string;
}

const engine = createInstance();

/** Loads the catalogues; call it once before anything is shown. */
export async function loadWords(): Promise<void> {
  await engine.init({
    lng: LANGUAGES[0],
    fallbackLng: 'en',
    resources: { en: { translation: en }, 'zh-CN': { translation: zhCN } },
    interpolation: { escapeValue: false }, // Preact escapes
  });
}

export function wordsIn(language: Language): Words {
  const t = engine.getFixedT(language);
  return {
    language,
    t: (key, values = {}) => t(key, values),
    term: (group, name) => {
      const key = `${group}.${name}`;
      return engine.exists(key, { lng: language }) ? t(key) : name;
    },
  };
}

/** `wp.panic.pressed.v1` → `panic-pressed`, the name under which its words stand. */
export const typeName = (type: string): string =>
  type
    .replace(/^wp\./, '')
    .replace(/\.v\d+$/, '')
    .replaceAll('.', '-');

/** What was chosen before, else what the browser asks for. */
export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  const chosen = LANGUAGES.find((language) => language === stored);
  if (chosen !== undefined) return chosen;
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return LANGUAGES[0];
}
