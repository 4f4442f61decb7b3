import type * as z from 'zod';
import type { Memory } from '#agent/ports/memory.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';

export interface KeptFactOptions<T> {
  readonly key: string;
  readonly schema: z.ZodType<T>;
  /** What is true now. */
  readonly current: () => T;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Written so long after a change: the event that tells of it is committed by then (within 5 ms, see EventRecorder).
 * Killed in between, the device tells it a second time, which joins the incident; the other way round it would take for
 * told what never was.
 */
const AFTER_MS = 50;

/** Something that was told and has not ended, kept on the device's disk so that its end can be told after a restart. */
export class KeptFact<T> {
  readonly #options: KeptFactOptions<T>;
  #cancel: Cancel | null = null;
  #isClosed = false;

  constructor(options: KeptFactOptions<T>) {
    this.#options = options;
  }

  /** What was true when the device last ran; null where nothing was kept, or what was cannot be read, which is logged. */
  read(): T | null {
    const { key, schema, memory, log } = this.#options;
    try {
      const value = memory.get(key);
      if (value === undefined || value === null) return null;
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      throw new WatchpostError('WP2444', { detail: `${key}: it is of another version` });
    } catch (cause) {
      log.error({ code: 'WP2444', key, err: cause }, 'detection.memory-not-read');
      return null;
    }
  }

  /** It has changed. */
  changed(): void {
    if (this.#isClosed) this.#write();
    else this.#cancel ??= this.#options.clock.after(AFTER_MS, () => this.#write());
  }

  /** Writes what is outstanding; what changes later is written at once. Idempotent. */
  close(): void {
    this.#isClosed = true;
    if (this.#cancel !== null) this.#write();
  }

  #write(): void {
    const { key, current, memory, log } = this.#options;
    this.#cancel?.();
    this.#cancel = null;
    try {
      memory.set(key, current());
    } catch (cause) {
      log.error({ code: 'WP2444', key, err: cause }, 'detection.memory-not-written');
    }
  }
}
