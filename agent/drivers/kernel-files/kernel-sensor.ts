import { WatchpostError } from '#contract/errors.ts';
import type { Sensor } from '../../ports/inputs.ts';
import type { Reading } from './readings.ts';

/** A number that the kernel has in a file. */
export class KernelSensor implements Sensor {
  readonly name: string;
  readonly unit: string;
  readonly #reading: Reading;
  #folder: string | null = null;
  #open = false;
  #pending: Promise<number> | null = null;

  constructor({ name, unit, reading }: { name: string; unit: string; reading: Reading }) {
    this.name = name;
    this.unit = unit;
    this.#reading = reading;
  }

  async start(): Promise<void> {
    this.#open = true;
  }

  /**
   * Rejects with WP2360–WP2363. A read that the kernel does not finish (a bus that hangs) is never joined by another
   * (WP2364): each would hold one of the few threads on which this process reads files.
   */
  async read(): Promise<number> {
    if (!this.#open) throw new WatchpostError('WP2304', { detail: `${this.name} is not started` });
    if (this.#pending !== null) throw new WatchpostError('WP2364', { detail: this.name });
    const pending = this.#look();
    this.#pending = pending;
    try {
      return await pending;
    } finally {
      this.#pending = null;
    }
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#folder = null;
  }

  /** A chip that was found anew may have another number: one that cannot be read where it was is looked for again. */
  async #look(): Promise<number> {
    const known = this.#folder;
    this.#folder = null;
    const folder = known ?? (await this.#reading.find());
    try {
      const value = await this.#reading.read(folder);
      this.#folder = folder;
      return value;
    } catch (cause) {
      if (known === null) throw cause;
      const again = await this.#reading.find();
      if (again === known) throw cause;
      const value = await this.#reading.read(again);
      this.#folder = again;
      return value;
    }
  }
}
