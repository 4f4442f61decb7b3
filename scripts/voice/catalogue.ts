import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import { NUMBER_WORDS, pluralForms } from './numbers.ts';
import { CATALOGUE_KEYS, type CatalogueKey, placeholdersOf } from './prompts.ts';
import { READINGS, unreadable } from './reading.ts';

/** Where this project keeps its catalogues. */
export const CATALOGUE_DIR: string = fileURLToPath(new URL('../../device-profiles/voices', import.meta.url));

const Words = z
  .string()
  .min(1, 'write the words of the prompt, or leave the key out')
  .max(400, 'a frightened person takes in short sentences: at most 400 characters');
/** A speech of phonemes is longer than what it says. */
const Speech = z.string().min(1).max(1200);

/** The words, or the words as written beside what the speech engine is given (kana, pinyin, phonemes). */
const Said = z.union([Words, z.strictObject({ text: Words, speech: Speech })], {
  error: 'write the words as text, or {"text", "speech"} where the engine must be given something else',
});

/** Words that depend on a number, by CLDR plural category: {"count": {"few": …, "other": …}}. */
const Counted = z.strictObject({
  count: z.partialRecord(z.enum(['zero', 'one', 'two', 'few', 'many', 'other']), Said),
});

const Prompt = z.union([Counted, Said], {
  error: 'write the words as text, or {"text", "speech"} where the engine must be given something else',
});

/**
 * One language's catalogue: what i18next takes as the resources of one language, with the namespaces
 * `catalogue` (about the file) and `prompts`. A prompt may be missing (`voice audit` lists those).
 */
export const Catalogue = z.strictObject({
  catalogue: z.strictObject({
    version: z.literal(1),
    /** BCP 47; the name of the file. */
    language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'use a BCP 47 tag such as ja or zh-CN'),
    /** In the language itself. */
    name: z.string().min(1).max(60),
    engine: z.strictObject({
      /** espeak-ng's name of the voice; `cmn` reads hanzi as English, so Mandarin is `cmn-latn-pinyin`. */
      voice: z.string().regex(/^[A-Za-z0-9-]{1,40}$/),
      wordsPerMinute: z.int().min(80).max(220),
      /** In what letters the speech is written. */
      reads: z.enum(READINGS).default('text'),
    }),
    /** How 0 to 9 are said when a number is read out digit by digit. */
    digits: z.array(z.string().min(1)).length(10, 'say how each of the ten digits 0 to 9 is spoken'),
    /** 10 to 90 by tens, 100 to 1000 by hundreds, in words, where the engine does not read digits. */
    numbers: z.record(z.string(), z.string().min(1)).optional(),
  }),
  /** By group and name: `prompts.alarm.pressed` is the prompt `alarm.pressed`. */
  prompts: z.record(z.string(), z.record(z.string(), Prompt)).superRefine(refuseBadPrompts),
});
export type Catalogue = z.infer<typeof Catalogue>;

/** Reads and checks one catalogue. Throws WP2506 naming file, key and what is right; WP2510 when there is none. */
export async function loadCatalogue(language: string, dir = CATALOGUE_DIR): Promise<Catalogue> {
  const available = await availableLanguages(dir);
  if (!available.includes(language)) {
    throw new WatchpostError('WP2510', {
      detail: language,
      hint: `There are ${available.join(', ')}; a new one is a file ${language}.json in ${dir}.`,
    });
  }
  const file = join(dir, `${language}.json`);
  return checkCatalogue(await readFile(file, 'utf8'), file, language);
}

/** The languages that have a catalogue in `dir`, sorted. */
export async function availableLanguages(dir = CATALOGUE_DIR): Promise<string[]> {
  const names = await readdir(dir);
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** The keys of `CATALOGUE_KEYS` that this catalogue has no words for. */
export function missingPrompts({ prompts }: Catalogue): CatalogueKey[] {
  return CATALOGUE_KEYS.filter((key) => {
    const [group = '', name = ''] = key.split('.');
    return prompts[group]?.[name] === undefined;
  });
}

/** Parses the text of a catalogue. Throws WP2506. */
export function checkCatalogue(text: string, file: string, language: string): Catalogue {
  const result = Catalogue.safeParse(parseJson(text, file));
  if (!result.success) throw badCatalogue(file, result.error.issues.map(describe).join('; '));
  if (result.data.catalogue.language !== language)
    throw badCatalogue(file, `catalogue.language: the file is named ${language}, so write "${language}"`);
  const wrong = [...unsaidNumbers(result.data), ...unreadableWords(result.data)];
  if (wrong.length > 0) throw badCatalogue(file, wrong.slice(0, 5).join('; '));
  return result.data;
}

/** What is wrong with the numbers: a plural form that is left out, a number without its word. */
function unsaidNumbers({ catalogue, prompts }: Catalogue): string[] {
  const distance = prompts.way?.distance;
  const forms = distance === undefined || !isCounted(distance) ? [] : pluralForms(catalogue.language);
  const counted = distance !== undefined && isCounted(distance) ? distance.count : {};
  const missing = forms.filter((form) => counted[form] === undefined);
  const { numbers } = catalogue;
  const words = numbers === undefined ? [] : NUMBER_WORDS.filter((number) => numbers[number] === undefined);
  return [
    ...missing.map((form) => `prompts.way.distance: the form "${form}" is missing`),
    ...words.map((number) => `catalogue.numbers: ${number} is missing`),
  ];
}

/** What is said in letters that the engine cannot read. */
function unreadableWords({ catalogue, prompts }: Catalogue): string[] {
  const { digits, numbers = {} } = catalogue;
  const said: [string, string][] = [
    ...digits.map((digit, index): [string, string] => [`catalogue.digits.${index}`, digit]),
    ...Object.entries(numbers).map(([key, word]): [string, string] => [`catalogue.numbers.${key}`, word]),
    ...Object.entries(prompts).flatMap(([group, entries]) =>
      Object.entries(entries).flatMap(([name, prompt]) =>
        speechesOf(prompt).map((speech): [string, string] => [`prompts.${group}.${name}`, speech]),
      ),
    ),
  ];
  return said.flatMap(([path, speech]) => {
    const why = unreadable(catalogue, speech);
    return why === null ? [] : [`${path}: ${why}`];
  });
}

function speechesOf(prompt: z.infer<typeof Prompt>): string[] {
  const all = isCounted(prompt) ? Object.values(prompt.count) : [prompt];
  return all.map((said) => (typeof said === 'string' ? said : said.speech));
}

function isCounted(prompt: z.infer<typeof Prompt>): prompt is z.infer<typeof Counted> {
  return typeof prompt !== 'string' && 'count' in prompt;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badCatalogue(file, cause instanceof Error ? cause.message : String(cause));
  }
}

function badCatalogue(file: string, what: string): WatchpostError {
  return new WatchpostError('WP2506', { detail: `${file}: ${what}` });
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.') || 'the file'}: ${issue.message}`;
}

function refuseBadPrompts(
  prompts: Record<string, Record<string, z.infer<typeof Prompt>>>,
  context: z.RefinementCtx,
): void {
  const known: readonly string[] = CATALOGUE_KEYS;
  for (const [group, entries] of Object.entries(prompts)) {
    for (const [name, prompt] of Object.entries(entries)) {
      const message = known.includes(`${group}.${name}`)
        ? badPlaceholder(`${group}.${name}`, prompt)
        : `there is no such prompt; the prompts are ${CATALOGUE_KEYS.join(', ')}`;
      if (message !== null) context.addIssue({ code: 'custom', path: [group, name], message });
    }
  }
}

function badPlaceholder(key: string, prompt: z.infer<typeof Prompt>): string | null {
  const allowed = placeholdersOf(key);
  if (isCounted(prompt) !== allowed.includes('count'))
    return 'only a distance has forms by "count", and needs them';
  const named = [...JSON.stringify(prompt).matchAll(/\{\{(.*?)\}\}/g)].map(([, name]) => name ?? '');
  return named.every((name) => allowed.includes(name))
    ? null
    : `the placeholders are {{${allowed.join('}} and {{')}}}`;
}
