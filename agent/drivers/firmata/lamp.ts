import type { Cancel, Clock } from '#contract/clock.ts';
import { LAMP_RHYTHMS, type LampStep } from '../../ports/lamp-rhythm.ts';
import type { Lamp, LampPattern } from '../../ports/outputs.ts';
import type { OutputPin } from './output-pin.ts';

/** A lamp on a pin: dimmed where the pin has PWM, on and off otherwise. */
export class FirmataLamp implements Lamp {
  readonly name: string;
  readonly #pin: OutputPin;
  readonly #clock: Clock;
  #cancel: Cancel | null = null;
  #showing: LampPattern | null = null;

  constructor({ pin, clock }: { pin: OutputPin; clock: Clock }) {
    this.name = pin.name;
    this.#pin = pin;
    this.#clock = clock;
  }

  /** @throws WatchpostError WP2325; a board that is not there is waited for */
  async start(): Promise<void> {
    await this.#pin.start();
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
    await this.#pin.close();
  }

  #play(steps: readonly LampStep[], at: number): void {
    this.#cancel?.();
    this.#cancel = null;
    const step = steps[at];
    if (step === undefined) return;
    this.#pin.set(step.level);
    if (!Number.isFinite(step.forMs)) return;
    this.#cancel = this.#clock.after(step.forMs, () => this.#play(steps, (at + 1) % steps.length));
  }
}
