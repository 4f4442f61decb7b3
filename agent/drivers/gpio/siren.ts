import type { Siren } from '../../ports/outputs.ts';
import type { GpioOutput } from './output.ts';

/** A siren on a line. */
export class GpioSiren implements Siren {
  readonly name: string;
  readonly #output: GpioOutput;

  constructor({ output }: { output: GpioOutput }) {
    this.name = output.name;
    this.#output = output;
  }

  /** @throws WatchpostError WP2340–WP2349; the line is looked for all the same */
  async start(): Promise<void> {
    await this.#output.start();
  }

  set(on: 'on' | 'off'): void {
    this.#output.set(on === 'on' ? 1 : 0);
  }

  async close(): Promise<void> {
    await this.#output.close();
  }
}
