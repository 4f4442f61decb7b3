import { WatchpostError } from '#contract/errors.ts';
import type { Sensor } from '../../ports/inputs.ts';
import type { SimWorld } from './world.ts';

/** Reads its level from the simulated world. */
export class SimSensor implements Sensor {
  readonly name: string;
  readonly unit: string;
  readonly #world: SimWorld;
  #open = false;

  constructor({ name, unit, world }: { name: string; unit: string; world: SimWorld }) {
    this.name = name;
    this.unit = unit;
    this.#world = world;
  }

  async start(): Promise<void> {
    this.#open = true;
  }

  async read(): Promise<number> {
    if (!this.#open) throw new WatchpostError('WP2304', { detail: `${this.name} is not started` });
    const level = this.#world.sensor(this.name);
    if (level === 'fail') throw new WatchpostError('WP2318', { detail: this.name });
    return level;
  }

  async close(): Promise<void> {
    this.#open = false;
  }
}
