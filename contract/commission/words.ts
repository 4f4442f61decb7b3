import type { Step } from './run.ts';
import en from './words/en.json' with { type: 'json' };
import zhCN from './words/zh-CN.json' with { type: 'json' };

/** The languages in which terminal, page and paper tell of a run. */
export const COMMISSION_LANGUAGES = ['en', 'zh-CN'] as const;
export type CommissionLanguage = (typeof COMMISSION_LANGUAGES)[number];

const CATALOGUES = { en, 'zh-CN': zhCN } satisfies Record<CommissionLanguage, typeof en>;

export type WordGroup = {
  readonly [G in keyof typeof en]: (typeof en)[G] extends string ? never : G;
}[keyof typeof en];
export type WordValues = Readonly<Record<string, string | number>>;

/** The text of a group's key with its values; the key itself where a newer site says what is not known here. */
export function commissionWord(
  language: CommissionLanguage,
  group: WordGroup,
  key: string,
  values: WordValues = {},
): string {
  const words: Readonly<Record<string, string>> = CATALOGUES[language][group];
  const text = Object.hasOwn(words, key) ? words[key] : undefined;
  return (text ?? key).replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const commissionTitle = (language: CommissionLanguage): string => CATALOGUES[language].title;

/** What a step is called. */
export const stepName = (
  language: CommissionLanguage,
  { kind, subject }: Pick<Step, 'kind' | 'subject'>,
): string => commissionWord(language, 'step', kind, { subject: subject ?? '' });
