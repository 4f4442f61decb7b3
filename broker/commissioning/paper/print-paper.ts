import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import type { Clock } from '#contract/clock.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import type { PaperOrder } from './draw.ts';

/** A page takes a few tenths of a second; a machine that is busy takes longer. */
const LIMIT_MS = 60_000;
const MOST_MIB = 256;

const Answer = z.union([
  z.object({ pdf: z.instanceof(Uint8Array) }),
  z.object({ code: z.string().nullable(), detail: z.string() }),
]);

/** Draws the paper in a thread of its own: alarms do not wait for it. Rejects with WP4415, or WP3403. */
export async function printPaper(order: PaperOrder, clock: Clock): Promise<Buffer> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MIB },
  });
  const answer = Promise.withResolvers<unknown>();
  const cancel = clock.after(LIMIT_MS, () =>
    answer.reject(new WatchpostError('WP3403', { detail: 'too slow' })),
  );
  worker.once('message', answer.resolve);
  worker.once('error', answer.reject);
  worker.once('exit', () => answer.reject(new WatchpostError('WP3403', { detail: 'no paper' })));
  try {
    const said = Answer.parse(await answer.promise);
    if ('pdf' in said) return Buffer.from(said.pdf);
    const code = said.code !== null && isErrorCode(said.code) ? said.code : 'WP3403';
    throw new WatchpostError(code, { detail: said.detail });
  } finally {
    cancel();
    await worker.terminate();
  }
}
