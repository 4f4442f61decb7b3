import { createInstance } from 'i18next';
import { DEFAULT_EMERGENCY_NUMBER, type GuidedPlace, type SiteAnswer } from '#agent/ports/guidance.ts';
import { roundedMetres } from '#agent/ports/told-distance.ts';
import { type Catalogue, missingPrompts } from './catalogue.ts';
import { spokenNumber } from './numbers.ts';
import { PROMPT_KEYS } from './prompts.ts';

/** One prompt in one language with its placeholders filled. */
export interface PromptWords {
  /** One of PROMPT_KEYS, `place.ID` or `answer.ID`. */
  readonly key: string;
  /** As written, for people. */
  readonly text: string;
  /** As given to the speech engine. */
  readonly speech: string;
}

/** Whom people are told to call. */
export interface Numbers {
  /** Default 110. */
  readonly emergencyNumber?: string | undefined;
  /** Where somebody is hurt or ill; default: the emergency number. */
  readonly medicalNumber?: string | undefined;
}

/** The words of every prompt that the catalogue has, in the order of PROMPT_KEYS. */
export async function wordsOf(catalogue: Catalogue, numbers: Numbers = {}): Promise<PromptWords[]> {
  const { emergencyNumber = DEFAULT_EMERGENCY_NUMBER } = numbers;
  const { medicalNumber = emergencyNumber } = numbers;
  const { digits } = catalogue.catalogue;
  const said = (number: string) => [...number].map((digit) => digits[Number(digit)] ?? digit).join(' ');
  const spoken = { emergencyNumberSpoken: said(emergencyNumber), medicalNumberSpoken: said(medicalNumber) };
  const fill = await fillerOf(catalogue);
  const missing: readonly string[] = missingPrompts(catalogue);
  return PROMPT_KEYS.filter((key) => !missing.includes(key)).map((key) => ({
    key,
    ...fill(
      key,
      { emergencyNumber, medicalNumber, ...spoken },
      {
        emergencyNumber: spoken.emergencyNumberSpoken,
        medicalNumber: spoken.medicalNumberSpoken,
        ...spoken,
      },
    ),
  }));
}

/**
 * The way to each place that has a name in this language: its direction as seen by somebody who faces the device, and
 * how far it is, where the site says so. Keys are `place.ID`.
 */
export async function wayWords(catalogue: Catalogue, places: readonly GuidedPlace[]): Promise<PromptWords[]> {
  const missing: readonly string[] = missingPrompts(catalogue);
  const { language, numbers } = catalogue.catalogue;
  const fill = await fillerOf(catalogue);
  const distance = (metres: number) => {
    const count = roundedMetres(metres);
    const form = new Intl.PluralRules(language).select(count);
    return fill(
      `way.distance.count.${form}`,
      { count: String(count) },
      { count: spokenNumber(numbers, count) },
    );
  };
  return places.flatMap(({ id, name: names, direction, distanceM }) => {
    const name = names[language];
    if (name === undefined || missing.includes(`way.${direction}`)) return [];
    const [written, said] = typeof name === 'string' ? [name, name] : [name.text, name.speech];
    const parts = [fill(`way.${direction}`, { place: written }, { place: said })];
    if (distanceM !== undefined && !missing.includes('way.distance')) parts.push(distance(distanceM));
    const text = parts.map((part) => part.text).join(' ');
    return [{ key: `place.${id}`, text, speech: parts.map((part) => part.speech).join(' ') }];
  });
}

/** The site's own answers, as far as they have words in this language. Keys are `answer.ID`. */
export function answerWords(language: string, answers: readonly SiteAnswer[]): PromptWords[] {
  return answers.flatMap(({ id, text: texts }) => {
    const said = texts[language];
    if (said === undefined) return [];
    const { text, speech } = typeof said === 'string' ? { text: said, speech: said } : said;
    return [{ key: `answer.${id}`, text, speech }];
  });
}

type Variables = Readonly<Record<string, string>>;

/** Fills the words at a path below `prompts`, once as people read them and once as the engine is given them. */
async function fillerOf({ catalogue: { language }, prompts }: Catalogue) {
  const i18n = createInstance();
  await i18n.init({
    lng: language,
    ns: ['prompts'],
    defaultNS: 'prompts',
    resources: { [language]: { prompts } },
    interpolation: { escapeValue: false },
  });
  return (path: string, written: Variables, spoken: Variables) => {
    const text = i18n.exists(`${path}.text`) ? `${path}.text` : path;
    const speech = i18n.exists(`${path}.speech`) ? `${path}.speech` : text;
    return { text: i18n.t(text, written), speech: i18n.t(speech, spoken) };
  };
}
