import * as z from 'zod';
import type { Memory } from '#agent/ports/memory.ts';
import type { Clock } from '#contract/clock.ts';
import { Box } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { KeptFact } from './kept-fact.ts';
import type { ObjectReport } from './object-events.ts';

export interface ToldObjectsOptions {
  readonly camera: string;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Far more than are about at once, and between the end of a process and the start of the next. */
const MAX_THERE = 200;
const MAX_OVER = 200;

const ToldObject = z.object({
  objectId: z.string(),
  /** That reported it: the profile may name another one by now. */
  camera: z.string(),
  t: z.number(),
  since: z.number(),
  box: Box,
  score: z.number(),
  zone: z.string().optional(),
});
/** The newest that was told of a thing that is still there. */
export type ToldObject = z.infer<typeof ToldObject>;

const Kept = z.object({
  version: z.literal(1),
  there: z.array(ToldObject).max(MAX_THERE),
  over: z.array(z.string()).max(MAX_OVER),
});
type Kept = z.infer<typeof Kept>;

/**
 * Which objects were told of, and which of them have ended; kept on the device over a restart of the agent. A vision
 * process that was killed between a report and keeping that it was made leaves the next one to report again, under
 * the same id: each beginning and each end is told once all the same. And what is still there when nobody follows it
 * any more is known here alone.
 */
export class ToldObjects {
  /** The one told of last comes last. */
  readonly #there = new Map<string, ToldObject>();
  readonly #over = new Set<string>();
  readonly #camera: string;
  readonly #kept: KeptFact<Kept>;

  constructor({ camera, memory, clock, log }: ToldObjectsOptions) {
    this.#camera = camera;
    const current = () => this.#current();
    this.#kept = new KeptFact({ key: 'told-objects', schema: Kept, current, memory, clock, log });
  }

  /** Takes up what was told when the device last ran. */
  start(): void {
    const kept = this.#kept.read();
    for (const object of kept?.there ?? []) this.#there.set(object.objectId, object);
    for (const objectId of kept?.over ?? []) this.#over.add(objectId);
  }

  /** Idempotent. */
  close(): void {
    this.#kept.close();
  }

  /** Whether a report is to be told; then it counts as told. */
  isNews(report: ObjectReport): boolean {
    const { objectId, change, state } = report;
    if (change === 'updated') {
      if (state === 'fixture') this.#end(objectId);
      else if (this.#there.has(objectId)) this.#note(report);
      return true;
    }
    if (this.#over.has(objectId) || (change === 'left' && this.#there.has(objectId))) return false;
    if (change === 'left') this.#note(report);
    else this.#end(objectId);
    return true;
  }

  /** What is still there as far as was told, and is not among `watched`; from now on it counts as ended. */
  takeUnwatched(watched: readonly string[]): ToldObject[] {
    const followed = new Set(watched);
    const lost = [...this.#there.values()].filter(({ objectId }) => !followed.has(objectId));
    for (const { objectId } of lost) this.#end(objectId);
    return lost;
  }

  #note({ objectId, t, since, box, score, zone }: ObjectReport): void {
    this.#there.delete(objectId);
    const told = { objectId, camera: this.#camera, t, since, box, score };
    this.#there.set(objectId, { ...told, ...(zone === undefined ? {} : { zone }) });
    const [oldest] = this.#there.keys();
    if (oldest !== undefined && this.#there.size > MAX_THERE) this.#end(oldest);
    this.#kept.changed();
  }

  #end(objectId: string): void {
    this.#there.delete(objectId);
    this.#over.delete(objectId);
    this.#over.add(objectId);
    const [oldest] = this.#over;
    if (oldest !== undefined && this.#over.size > MAX_OVER) this.#over.delete(oldest);
    this.#kept.changed();
  }

  #current(): Kept {
    return { version: 1, there: [...this.#there.values()], over: [...this.#over] };
  }
}
