import type { Cancel, Clock } from '#contract/clock.ts';
import { LIT_FROM } from '../../ports/lamp-rhythm.ts';
import type { PartHealth } from '../../ports/makers.ts';
import { lineError } from './line-errors.ts';

export const REOPEN_AFTER_MS = 5_000;

/** An output line that this process holds. */
export interface HeldOutput {
  /** Throws when it can no longer be set. */
  set(level: 0 | 1): void;
  close(): void;
}

export interface OutputParts {
  readonly name: string;
  readonly clock: Clock;
  /** Takes hold of the line, which begins with level 0. */
  readonly open: () => Promise<HeldOutput>;
  readonly onHealth: (part: string, health: PartHealth) => void;
}

/** One line that is driven. A line that goes is looked for, and shows what it is to show when it is back. */
export class GpioOutput {
  readonly name: string;
  readonly #parts: OutputParts;
  #state: 'closed' | 'started' = 'closed';
  #held: HeldOutput | null = null;
  #level: 0 | 1 = 0;
  #stopLooking: Cancel | null = null;

  constructor(parts: OutputParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /** @throws WatchpostError WP2340–WP2349; the line is looked for all the same until the output is closed */
  async start(): Promise<void> {
    await this.close();
    this.#state = 'started';
    try {
      await this.#hold();
    } catch (cause) {
      this.#lookAgain();
      throw lineError(cause, this.name);
    }
  }

  /** Lit, or sounding, from `LIT_FROM` on. */
  set(level: number): void {
    if (this.#state === 'closed') return;
    this.#level = level >= LIT_FROM ? 1 : 0;
    this.#show();
  }

  /** Sets level 0 and lets the line go. */
  async close(): Promise<void> {
    this.#level = 0;
    this.#show();
    this.#state = 'closed';
    this.#stopLooking?.();
    this.#stopLooking = null;
    this.#held?.close();
    this.#held = null;
  }

  async #hold(): Promise<void> {
    const held = await this.#parts.open();
    if (this.#state === 'closed' || this.#held !== null) {
      held.close();
      return;
    }
    this.#held = held;
    this.#show();
  }

  #show(): void {
    try {
      this.#held?.set(this.#level);
    } catch (cause) {
      this.#held?.close();
      this.#held = null;
      const { code, message } = lineError(cause, this.name);
      this.#parts.onHealth(this.name, { state: 'failed', code, detail: message });
      this.#lookAgain();
    }
  }

  #lookAgain(): void {
    if (this.#state === 'closed') return;
    this.#stopLooking?.();
    this.#stopLooking = this.#parts.clock.after(REOPEN_AFTER_MS, () => void this.#reopen());
  }

  async #reopen(): Promise<void> {
    try {
      await this.#hold();
      if (this.#held !== null) this.#parts.onHealth(this.name, { state: 'ok' });
    } catch {
      this.#lookAgain(); // It is told as failed already.
    }
  }
}
