import { WatchpostError } from '#contract/errors.ts';
import { type Answers, readAnswer, spotNumber } from './answers.ts';
import { modelOf } from './models.ts';
import { nextQuestion, type Question } from './questions.ts';

/** Who answers: a person at a terminal, or nobody. */
export interface Interviewee {
  /** What was typed or chosen; null when they gave up. `trouble`: why the answer before could not be used. */
  ask(question: Question, trouble: string | null): Promise<string | null>;
}

/** Takes the initial answer of every question, and has none to those without. */
export const takesDefaults: Interviewee = { ask: async ({ initial }) => initial ?? null };

export type Interview =
  | { readonly outcome: 'answered'; readonly answers: Answers }
  | { readonly outcome: 'unanswered'; readonly question: Question };

/** Asks until a profile can be made of the answers. An answer that cannot be used is asked for again. */
export async function interview(known: Answers, interviewee: Interviewee): Promise<Interview> {
  let answers = known;
  let trouble: string | null = null;
  for (;;) {
    const question = nextQuestion(answers);
    if (question === null) return { outcome: 'answered', answers };
    const text = await interviewee.ask(question, trouble);
    if (text === null) return { outcome: 'unanswered', question };
    try {
      answers = withAnswer(answers, question, text);
      trouble = null;
    } catch (error) {
      if (!(error instanceof WatchpostError)) throw error;
      trouble = error.hint;
    }
  }
}

function withAnswer(answers: Answers, { key, part }: Question, text: string): Answers {
  if (key === 'at' && part !== undefined) {
    return { ...answers, at: { ...answers.at, [part]: spotNumber(text.trim()) } };
  }
  const fresh = readAnswer(key, text);
  if (fresh.like !== undefined) return { ...answers, like: modelOf(fresh.like).id };
  return { ...answers, ...fresh };
}

/** The option that answers a question. */
export function optionOf({ key, part }: Question): string {
  if (key === 'at') return `--at ${part}=…`;
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} …`;
}
