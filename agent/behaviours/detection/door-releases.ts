import * as z from 'zod';
import type { BypassGate } from '#agent/ports/bypass.ts';
import type { EventRecorder } from '#agent/ports/events.ts';
import type { ContactInput } from '#agent/ports/inputs.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { KeptFact } from './kept-fact.ts';

export interface DoorReleasesOptions {
  /** Inputs of kind `door`. */
  readonly inputs: readonly ContactInput[];
  readonly onRelease: (input: string) => void;
  /** Which of them are bypassed: nobody is told of followers at their doors (watch-events.ts). */
  readonly gate?: BypassGate;
  readonly recorder: EventRecorder;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

const BYPASSED = 'WP2111';
const RETRY_AFTER_MS = 10_000;
const Kept = z.object({ version: z.literal(1), failing: z.array(z.string()).max(1000) });
type Kept = z.infer<typeof Kept>;

/**
 * Tells when a door is released: its contact closes. Such an input raises no alarm; one that cannot be read is told
 * once and tried again, and its door is then watched as if nobody released it. That it was told is kept over a restart.
 */
export class DoorReleases {
  readonly #options: DoorReleasesOptions;
  readonly #retries = new Map<string, Cancel>();
  readonly #failing = new Set<string>();
  readonly #kept: KeptFact<Kept>;
  #closed = false;
  #stop: Cancel | null = null;

  constructor(options: DoorReleasesOptions) {
    this.#options = options;
    const { memory, clock, log } = options;
    const current = (): Kept => ({ version: 1, failing: [...this.#failing] });
    this.#kept = new KeptFact({ key: 'door-releases', schema: Kept, current, memory, clock, log });
  }

  async start(): Promise<void> {
    const names = this.#options.inputs.map(({ name }) => name);
    this.#stop ??= this.#options.gate?.onChange((input) => this.#gated(input)) ?? null;
    for (const name of this.#kept.read()?.failing ?? []) {
      if (names.includes(name)) this.#failing.add(name);
      else this.#tell(name, { state: 'ok' });
    }
    await Promise.all(this.#options.inputs.map((input) => this.#open(input)));
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop?.();
    for (const cancel of this.#retries.values()) cancel();
    this.#kept.close();
    await Promise.all(this.#options.inputs.map((input) => input.close()));
  }

  async #open(input: ContactInput): Promise<void> {
    const { onRelease, clock } = this.#options;
    const { name } = input;
    try {
      await input.start({
        edge: ({ active }) => {
          if (active && !this.#closed) onRelease(name);
        },
        lost: (error) => this.#fails(name, error),
        back: () => this.#found(name),
      });
      this.#found(name);
    } catch (cause) {
      this.#fails(name, cause);
      if (this.#closed) return;
      this.#retries.set(
        name,
        clock.after(RETRY_AFTER_MS, () => void this.#open(input)),
      );
    }
  }

  #found(name: string): void {
    if (this.#failing.delete(name)) this.#tellRead(name);
  }

  /** One that cannot be read stays told as such. */
  #gated(name: string): void {
    if (!this.#options.inputs.some((input) => input.name === name) || this.#failing.has(name)) return;
    this.#tellRead(name);
  }

  #tellRead(name: string): void {
    const isBypassed = this.#options.gate?.isBypassed(name) === true;
    this.#tell(name, isBypassed ? { state: 'degraded', code: BYPASSED } : { state: 'ok' });
  }

  #fails(name: string, cause: unknown): void {
    this.#options.log.error({ input: name, err: cause }, 'door.input-failed');
    const code = cause instanceof WatchpostError ? cause.code : 'WP2302';
    if (!this.#failing.has(name)) this.#tell(name, { state: 'failed', code });
    this.#failing.add(name);
  }

  #tell(name: string, health: { state: 'ok' | 'degraded' | 'failed'; code?: string }): void {
    this.#options.recorder.recordEvent('wp.health.changed.v1', { part: `input:${name}`, ...health });
    this.#kept.changed();
  }
}
