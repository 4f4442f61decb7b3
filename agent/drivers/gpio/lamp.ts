import type { Cancel, Clock } from '#contract/clock.ts';
import { LAMP_RHYTHMS, type LampStep, LIT_FROM } from '../../ports/lamp-rhythm.ts';
import type { Lamp, LampPattern } from '../../ports/outputs.ts';
import type { GpioOutput } from './output.ts';

/** A lamp on a line: on and off, so that a dim pattern is dark. */
export class GpioLamp implements Lamp {
  readonly name: string;
  readonly #output: GpioOutput;
  readonly #clock: Clock;
  #cancel: Cancel | null = null;
  #showing: LampPattern | null = null;

  constructor({ output, clock }: { output: GpioOutput; clock: Clock }) {
    this.name = output.name;
    this.#output = output;
    this.#clock = clock;
  }

  /** @throws WatchpostError WP2340–WP2349; the line is looked for all the same */
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
    this.#output.set(step.level >= LIT_FROM ? 1 : 0);
    if (!Number.isFinite(step.forMs)) return;
    this.#cancel = this.#clock.after(step.forMs, () => this.#play(steps, (at + 1) % steps.length));
  }
}
