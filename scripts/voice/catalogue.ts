import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';

/** Every prompt a device can say, in the order an alarm runs through them. A catalogue has no other. */
export const PROMPT_KEYS = [
  'alarm.pressed',
  'alarm.stored',
  'alarm.unstored',
  'alarm.sent',
  'alarm.received',
  'alarm.acknowledged',
  'alarm.attending',
  'alarm.closed',
  'alarm.stuck',
  'test.begin',
  'test.end',
  'guidance.howto',
  'object.left',
  'robot.passing',
] as const;
export type PromptKey = (typeof PROMPT_KEYS)[number];

/** Where this project keeps its catalogues. */
export const CATALOGUE_DIR: string = fileURLToPath(new URL('../../device-profiles/voices', import.meta.url));

/** What fills `{{emergencyNumber}}` as written, and `{{emergencyNumberSpoken}}` digit by digit. */
const PLACEHOLDERS = ['emergencyNumber', 'emergencyNumberSpoken'];

const Words = z
  .string()
  .min(1, 'write the words of the prompt, or leave the key out')
  .max(400, 'a frightened person takes in short sentences: at most 400 characters')
  .refine(onlyKnownPlaceholders, `the placeholders are {{${PLACEHOLDERS.join('}} and {{')}}}`);

/** The words, or the words as written beside what the speech engine is given (kana, pinyin, spoken digits). */
const Prompt = z.union([Words, z.strictObject({ text: Words, speech: Words })], {
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
    }),
    /** How 0 to 9 are said when a number is read out digit by digit. */
    digits: z.array(z.string().min(1)).length(10, 'say how each of the ten digits 0 to 9 is spoken'),
  }),
  /** By group and name: `prompts.alarm.pressed` is the prompt `alarm.pressed`. */
  prompts: z.record(z.string(), z.record(z.string(), Prompt)).superRefine(refuseUnknownKeys),
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

/** The keys of `PROMPT_KEYS` that this catalogue has no words for. */
export function missingPrompts({ prompts }: Catalogue): PromptKey[] {
  return PROMPT_KEYS.filter((key) => {
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
  return result.data;
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

function refuseUnknownKeys(prompts: Record<string, Record<string, unknown>>, context: z.RefinementCtx): void {
  const known: readonly string[] = PROMPT_KEYS;
  for (const [group, entries] of Object.entries(prompts)) {
    for (const name of Object.keys(entries)) {
      if (known.includes(`${group}.${name}`)) continue;
      context.addIssue({
        code: 'custom',
        path: [group, name],
        message: `there is no such prompt; the prompts are ${PROMPT_KEYS.join(', ')}`,
      });
    }
  }
}

function onlyKnownPlaceholders(words: string): boolean {
  const names = [...words.matchAll(/\{\{(.*?)\}\}/g)].map(([, name]) => name ?? '');
  return names.every((name) => PLACEHOLDERS.includes(name));
}
