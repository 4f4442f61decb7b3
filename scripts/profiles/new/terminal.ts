import type { Readable, Writable } from 'node:stream';
import type { Interviewee } from './interview.ts';
import type { Question } from './questions.ts';

export interface TerminalStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/** Lines of a list that are seen at once. */
const CHOICES_SHOWN = 10;

/** A person at a terminal. Ctrl-C and Escape give up. Where its input is no terminal it must not be used: it would wait for ever. */
export async function atTerminal(streams: TerminalStreams): Promise<Interviewee> {
  // Loaded only where somebody is asked.
  const { isCancel, log, select, text } = await import('@clack/prompts');
  const choose = ({ text: message, initial, choices = [] }: Question) =>
    select({
      message,
      maxItems: CHOICES_SHOWN,
      options: choices.map(({ value, label }) => ({ value, label })),
      ...(initial === undefined ? {} : { initialValue: initial }),
      ...streams,
    });
  const type = ({ text: message, initial }: Question) =>
    text({ message, ...(initial === undefined ? {} : { initialValue: initial }), ...streams });
  return {
    ask: async (question, trouble) => {
      if (trouble !== null) log.warn(trouble, { output: streams.output });
      const answer = await (question.choices === undefined ? type(question) : choose(question));
      return isCancel(answer) ? null : (answer ?? '');
    },
  };
}
