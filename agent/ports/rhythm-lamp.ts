import type { Cancel, Clock } from '#contract/clock.ts';
import { LAMP_RHYTHMS, type LampStep } from './lamp-rhythm.ts';
import type { Lamp, LampPattern } from './outputs.ts';

/** One wire that lights a lamp: a pin of a board, a line of a chip. */
export interface LampOutput {
  readonly name: string;
  /** Rejects with WP23xx; what is not there is looked for all the same. */
  start(): Promise<void>;
  /** From 0, dark, to 1; one that knows on and off alone is lit from `LIT_FROM` on. */
  set(level: number): void;
  close(): Promise<void>;
}

/** A lamp that plays the rhythm of each pattern on its output. */
export class RhythmLamp implements Lamp {
  readonly name: string;
  readonly #output: LampOutput;
  readonly #clock: Clock;
  #cancel: Cancel | null = null;
  #showing: LampPattern | null = null;

  constructor({ output, clock }: { output: LampOutput; clock: Clock }) {
    this.name = output.name;
    this.#output = output;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    await this.#output.start();
  }

  show(pattern: LampPattern): void {
    if (pattern === this.#showing) return;
    this.#showing = pattern;
    this.#play(LAMP_RHYTHMS[pattern], 0);
  }

  async close(): Promise<void> {
    this.#showing = null;
    this.#cancel?.();
    this.#cancel = null;
    await this.#output.close();
  }

  #play(steps: readonly LampStep[], at: number): void {
    this.#cancel?.();
    this.#cancel = null;
    const step = steps[at];
    if (step === undefined) return;
    this.#output.set(step.level);
    if (!Number.isFinite(step.forMs)) return;
    this.#cancel = this.#clock.after(step.forMs, () => this.#play(steps, (at + 1) % steps.length));
  }
}
