import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { ContactInput } from '../../ports/inputs.ts';
import type { PartHealth } from '../../ports/makers.ts';

const RETRY_AFTER_MS = 10_000;
/** What a worn contact adds to one press; nobody presses twice on purpose within that. */
const CHATTER_MS = 150;

export interface GuidanceButtonsParts {
  /** Inputs of kind `guidance`. */
  readonly inputs: readonly ContactInput[];
  readonly onPress: (name: string) => void;
  /** By part, `input:NAME`. */
  readonly onHealth: (part: string, health: PartHealth) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells of presses. A button that cannot be read is told once and tried again; none of them ever raises an alarm. */
export class GuidanceButtons {
  readonly #parts: GuidanceButtonsParts;
  readonly #retries = new Map<string, Cancel>();
  readonly #failing = new Set<string>();
  readonly #pressedMs = new Map<string, number>();
  #closed = false;

  constructor(parts: GuidanceButtonsParts) {
    this.#parts = parts;
  }

  /** Resolves when each was tried once. */
  async start(): Promise<void> {
    await Promise.all(this.#parts.inputs.map((input) => this.#open(input)));
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const cancel of this.#retries.values()) cancel();
    await Promise.all(this.#parts.inputs.map((input) => input.close()));
  }

  async #open(input: ContactInput): Promise<void> {
    const { name } = input;
    try {
      const level = await input.start({
        edge: ({ active }) => {
          if (active) this.#press(name);
        },
        lost: (error) => this.#fails(name, error),
        back: () => this.#found(name),
      });
      if (level !== null) this.#found(name);
    } catch (cause) {
      this.#fails(name, cause);
      if (this.#closed) return;
      const again = () => void this.#open(input);
      this.#retries.set(name, this.#parts.clock.after(RETRY_AFTER_MS, again));
    }
  }

  #press(name: string): void {
    const nowMs = this.#parts.clock.monoMs();
    const beforeMs = this.#pressedMs.get(name) ?? Number.NEGATIVE_INFINITY;
    if (this.#closed || nowMs - beforeMs < CHATTER_MS) return;
    this.#pressedMs.set(name, nowMs);
    this.#parts.onPress(name);
  }

  #found(name: string): void {
    if (this.#failing.delete(name)) this.#parts.onHealth(`input:${name}`, { state: 'ok' });
  }

  #fails(name: string, cause: unknown): void {
    if (this.#closed) return;
    this.#parts.log.error({ input: name, err: cause }, 'guidance.input-failed');
    const code = cause instanceof WatchpostError ? cause.code : 'WP2302';
    if (!this.#failing.has(name)) this.#parts.onHealth(`input:${name}`, { state: 'failed', code });
    this.#failing.add(name);
  }
}
