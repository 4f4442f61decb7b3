import type { Readable, Writable } from 'node:stream';
import { WatchpostError } from '#contract/errors.ts';

export interface Person {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}

/**
 * Asks once. Rejects with WP4303 where nobody can answer: a prompt there would wait for ever; with WP4304 for a no.
 */
export async function askConsent(question: string, { input, output }: Person): Promise<void> {
  if (input.isTTY !== true || output.isTTY !== true) throw new WatchpostError('WP4303');
  const { confirm } = await import('@clack/prompts');
  // What is not confirmed on purpose is not done: Enter alone means no.
  const answer = await confirm({ message: question, initialValue: false, input, output });
  if (answer !== true) throw new WatchpostError('WP4304');
}
