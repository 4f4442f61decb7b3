import * as z from 'zod';
import type { EventRecorder } from '#agent/ports/events.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { Clock } from '#contract/clock.ts';
import type { ErrorCode } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { KeptFact } from './kept-fact.ts';

export type HealthState = 'ok' | 'degraded' | 'failed';

export interface VisionHealthOptions {
  readonly recorder: EventRecorder;
  readonly onChange: () => void;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is not in order, and how it was told. */
const Kept = z.object({ version: z.literal(1), parts: z.record(z.string(), z.enum(['degraded', 'failed'])) });
type Kept = z.infer<typeof Kept>;

/**
 * Tells each change of a part's health once. What is unknown at the start is not told when it turns out well, unless
 * it was told to be bad when the device last ran: that is kept, for otherwise nobody would hear of the end.
 */
export class VisionHealth {
  readonly #options: VisionHealthOptions;
  readonly #states = new Map<string, HealthState>();
  readonly #kept: KeptFact<Kept>;

  constructor(options: VisionHealthOptions) {
    this.#options = options;
    const { memory, clock, log } = options;
    const current = () => this.#current();
    this.#kept = new KeptFact({ key: 'vision-health', schema: Kept, current, memory, clock, log });
  }

  get states(): Readonly<Record<string, HealthState>> {
    return Object.fromEntries(this.#states);
  }

  /** Takes up how `parts` were when the device last ran; a part that is none any more is told to be in order. */
  start(parts: readonly string[]): void {
    for (const [part, state] of Object.entries(this.#kept.read()?.parts ?? {})) {
      this.#states.set(part, state);
      if (parts.includes(part)) continue;
      this.set(part, 'ok', undefined, 'it is no longer in the profile');
      this.#states.delete(part);
    }
  }

  /** Idempotent. */
  close(): void {
    this.#kept.close();
  }

  stateOf(part: string): HealthState | null {
    return this.#states.get(part) ?? null;
  }

  set(part: string, state: HealthState, code?: ErrorCode, detail?: string): void {
    const before = this.#states.get(part);
    if (before === state) return;
    this.#states.set(part, state);
    if (before !== undefined || state !== 'ok') {
      this.#options.recorder.recordEvent('wp.health.changed.v1', {
        part,
        state,
        ...(code === undefined ? {} : { code }),
        ...(detail === undefined || detail === '' ? {} : { detail: detail.slice(0, 400) }),
      });
      this.#kept.changed();
    }
    this.#options.onChange();
  }

  #current(): Kept {
    const parts: Kept['parts'] = {};
    for (const [part, state] of this.#states) if (state !== 'ok') parts[part] = state;
    return { version: 1, parts };
  }
}
