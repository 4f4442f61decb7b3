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
  const answer = await Promise.race([
    confirm({ message: question, initialValue: false, input, output }),
    gone(input),
  ]);
  if (answer !== true) throw new WatchpostError('WP4304');
}

/** A prompt waits for ever at a terminal that was closed. */
function gone(input: Readable): Promise<false> {
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error']) input.once(event, () => resolve(false));
  });
}
