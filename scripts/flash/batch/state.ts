import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import { PUBLIC_MODE, replaceFile } from '../../site-authority/durable-file.ts';

const Done = z.strictObject({
  to: z.string(),
  /** Of the bundle that lies there. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  generation: z.int(),
  at: z.iso.datetime(),
});
export type Done = z.infer<typeof Done>;

const State = z.strictObject({ format: z.literal(1), done: z.record(z.string(), Done) });

/** What of a list is done, in a file beside it, so that the next run goes on from there. */
export class BatchState {
  readonly #file: string;
  readonly #done: Map<string, Done>;

  private constructor(file: string, done: Map<string, Done>) {
    this.#file = file;
    this.#done = done;
  }

  /** Throws WP4342 where the file is none of ours. */
  static of(list: string): BatchState {
    const file = `${list}.done.json`;
    if (!existsSync(file)) return new BatchState(file, new Map());
    try {
      const { done } = State.parse(JSON.parse(readFileSync(file, 'utf8')));
      return new BatchState(file, new Map(Object.entries(done)));
    } catch (cause) {
      throw new WatchpostError('WP4342', { detail: file, cause });
    }
  }

  /** Null where the device has another bundle, or it went elsewhere. */
  doneOf(device: string, { to, sha256 }: Pick<Done, 'to' | 'sha256'>): Done | null {
    const done = this.#done.get(device);
    return done?.to === to && done.sha256 === sha256 ? done : null;
  }

  /** On the disk when it answers. */
  note(device: string, done: Done): void {
    this.#done.set(device, done);
    const state = { format: 1, done: Object.fromEntries(this.#done) };
    replaceFile(this.#file, `${JSON.stringify(state, null, 2)}\n`, PUBLIC_MODE);
  }
}
