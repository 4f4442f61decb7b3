import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import * as z from 'zod';
import { BOARD_MODELS } from '#agent/drivers/firmata/config.ts';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { WatchpostError } from '#contract/errors.ts';

export const WIRINGS = ['model', 'simulated', 'gpio', 'firmata'] as const;
export type Wiring = (typeof WIRINGS)[number];

const Spot = z.union([z.int().min(0), z.string().regex(/^[A-Za-z0-9_-]{1,31}$/)]);

/** What `profile new` asks, as the file of `--answers` has it. What is left out is asked, or is as in the model. */
export const Answers = z.strictObject({
  /** A model of the library, such as `pillars/school-gate`. */
  like: z.string().min(1).optional(),
  name: DeviceProfile.shape.name.optional(),
  description: DeviceProfile.shape.description.optional(),
  languages: DeviceProfile.shape.languages.optional(),
  supervisionS: DeviceProfile.shape.supervisionS.optional(),
  dwellS: z.number().min(1).max(3600).optional(),
  evidenceDays: z.int().min(1).max(365).optional(),
  wiring: z.enum(WIRINGS).optional(),
  /** Of the wiring `gpio`: the label of the chip. */
  chip: z.string().min(1).max(64).optional(),
  /** Of the wiring `firmata`. */
  port: z.string().min(1).max(200).optional(),
  board: z.enum(BOARD_MODELS).optional(),
  /** Of either: the line or pin of each input by name, of `lamp` and of `siren`. */
  at: z.record(z.string(), Spot).optional(),
});
export type Answers = z.infer<typeof Answers>;

/** As the options of the command have them: text. */
export interface AnswerOptions {
  readonly like?: string;
  readonly name?: string;
  readonly description?: string;
  readonly languages?: string;
  readonly supervisionS?: string;
  readonly dwellS?: string;
  readonly evidenceDays?: string;
  readonly wiring?: string;
  readonly chip?: string;
  readonly port?: string;
  readonly board?: string;
  readonly at?: readonly string[];
}

/** One answer as it was typed. @throws WatchpostError WP4071 */
export function readAnswer(key: keyof Answers, text: string): Answers {
  return check({ [key]: typed(key, text) }, `${key} ${text}`);
}

/** @throws WatchpostError WP4071 naming the option and what would be right */
export function answersOfOptions({ at = [], ...texts }: AnswerOptions): Answers {
  const entries = Object.entries(texts).map(([key, text]) => [key, typed(key, text)]);
  const spots = at.flatMap((each) => each.split(',')).map(spotOf);
  const all = {
    ...Object.fromEntries(entries),
    ...(spots.length > 0 ? { at: Object.fromEntries(spots) } : {}),
  };
  return check(all, 'options');
}

/** @throws WatchpostError WP4071 naming the file and what would be right */
export function answersOfFile(file: string): Answers {
  try {
    return check(parse(readFileSync(file, 'utf8')) ?? {}, file);
  } catch (cause) {
    if (cause instanceof WatchpostError) throw cause;
    const why = cause instanceof YAMLParseError || cause instanceof Error ? cause.message : String(cause);
    throw new WatchpostError('WP4071', { detail: `${file}: ${why.split('\n')[0]}`, cause });
  }
}

function check(value: unknown, where: string): Answers {
  const parsed = Answers.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  const detail = `${where}${path === '' ? '' : `: ${path}`}`;
  throw new WatchpostError(
    'WP4071',
    issue === undefined ? { detail } : { detail, hint: `${issue.message}.` },
  );
}

const NUMBERS: readonly string[] = ['supervisionS', 'dwellS', 'evidenceDays'];

function typed(key: string, text: string): unknown {
  if (NUMBERS.includes(key)) return /^\s*[\d.]+\s*$/.test(text) ? Number(text) : text;
  if (key === 'languages') return text.split(/[\s,]+/).filter((tag) => tag !== '');
  return text.trim();
}

/** `button=17`, `lamp=GPIO22`, `battery=A0` */
function spotOf(text: string): [string, unknown] {
  const [name = '', spot = ''] = text.split('=').map((part) => part.trim());
  return [name, spotNumber(spot)];
}

export const spotNumber = (spot: string): number | string => (/^\d+$/.test(spot) ? Number(spot) : spot);
