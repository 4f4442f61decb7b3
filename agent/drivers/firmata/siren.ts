import type { Siren } from '../../ports/outputs.ts';
import type { OutputPin } from './output-pin.ts';

/** A siren on a pin. */
export class FirmataSiren implements Siren {
  readonly name: string;
  readonly #pin: OutputPin;
  #isStarted = false;

  constructor({ pin }: { pin: OutputPin }) {
    this.name = pin.name;
    this.#pin = pin;
  }

  /** @throws WatchpostError WP2325; a board that is not there is waited for */
  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#pin.start();
  }

  set(on: 'on' | 'off'): void {
    if (this.#isStarted) this.#pin.set(on === 'on' ? 1 : 0);
  }

  async close(): Promise<void> {
    this.#isStarted = false;
    await this.#pin.close();
  }
}
