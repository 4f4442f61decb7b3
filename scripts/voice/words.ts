import { createInstance } from 'i18next';
import { type Catalogue, missingPrompts, PROMPT_KEYS, type PromptKey } from './catalogue.ts';

/** What is told to call 110 in China; a profile may name another number. */
export const DEFAULT_EMERGENCY_NUMBER = '110';

/** One prompt in one language with its placeholders filled. */
export interface PromptWords {
  readonly key: PromptKey;
  /** As written, for people. */
  readonly text: string;
  /** As given to the speech engine. */
  readonly speech: string;
}

/** The words of every prompt that the catalogue has, in the order of PROMPT_KEYS. */
export async function wordsOf(
  catalogue: Catalogue,
  emergencyNumber = DEFAULT_EMERGENCY_NUMBER,
): Promise<PromptWords[]> {
  const { language, digits } = catalogue.catalogue;
  const spoken = [...emergencyNumber].map((digit) => digits[Number(digit)] ?? digit).join(' ');
  const i18n = createInstance();
  await i18n.init({
    lng: language,
    ns: ['prompts'],
    defaultNS: 'prompts',
    resources: { [language]: { prompts: catalogue.prompts } },
    interpolation: {
      escapeValue: false,
      defaultVariables: { emergencyNumber, emergencyNumberSpoken: spoken },
    },
  });
  const missing = missingPrompts(catalogue);
  const words = (key: string) => (i18n.exists(key) ? i18n.t(key) : null);
  return PROMPT_KEYS.filter((key) => !missing.includes(key)).map((key) => {
    const text = words(`${key}.text`) ?? i18n.t(key);
    return { key, text, speech: words(`${key}.speech`) ?? text };
  });
}
