import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { AnswerBody, PersonName, Reason, type Step, type StepPrompt } from '#contract/commission/run.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Choice, Hands, Said } from './hands.ts';

const Answer = z.union([z.enum(['yes', 'no']), AnswerBody.omit({ by: true })]);

/** The file of an unattended run: by the id of a step, or by its kind (docs/commissioning.md). */
export const Answers = z.strictObject({
  by: PersonName.optional(),
  remark: z.string().max(2000).optional(),
  answers: z.record(z.string(), Answer).default({}),
  skip: z.record(z.string(), Reason).default({}),
  accept: z.record(z.string(), Reason).default({}),
});
export type Answers = z.infer<typeof Answers>;

/** YAML or JSON. Throws WP4524. */
export function readAnswers(file: string): Answers {
  try {
    return Answers.parse(parse(readFileSync(file, 'utf8')) ?? {});
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    const reason = issue === undefined ? String(cause) : `${issue.path.join('.')}: ${issue.message}`;
    throw new WatchpostError('WP4524', { detail: `${file}: ${reason}`, cause });
  }
}

/** Answers from the file; what it does not say is asked of `others`, or, where there are none, WP4525. */
export class FileHands implements Hands {
  readonly #answers: Answers;
  readonly #others: Hands | null;

  constructor(answers: Answers, others: Hands | null) {
    this.#answers = answers;
    this.#others = others;
  }

  async before(step: Step): Promise<Choice> {
    const reason = of(this.#answers.skip, step);
    if (reason !== undefined) return { kind: 'skip', reason };
    return this.#others?.before(step) ?? { kind: 'go' };
  }

  async act(step: Step, prompt: StepPrompt, signal: AbortSignal): Promise<Said | null> {
    const said = of(this.#answers.answers, step);
    const done = await this.#others?.act(
      step,
      said === undefined ? prompt : { ...prompt, question: null },
      signal,
    );
    if (prompt.question === null) return null;
    if (said !== undefined) return typeof said === 'string' ? { answer: said } : said;
    if (done != null) return done;
    throw new WatchpostError('WP4525', { detail: `${step.id} (${prompt.key})` });
  }

  async failed(step: Step): Promise<Choice> {
    const reason = of(this.#answers.accept, step);
    if (reason !== undefined) return { kind: 'accept', reason };
    return this.#others?.failed(step) ?? { kind: 'leave' };
  }
}

const of = <T>(by: Readonly<Record<string, T>>, { id, kind }: Step): T | undefined => by[id] ?? by[kind];
