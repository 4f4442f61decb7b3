import type { Lamp, LampPattern } from '../../ports/outputs.ts';
import type { SimWorld } from './world.ts';

/** Shows its pattern in the simulated world; dark before the start and after the end. */
export class SimLamp implements Lamp {
  readonly name: string;
  readonly #world: SimWorld;

  constructor({ name, world }: { name: string; world: SimWorld }) {
    this.name = name;
    this.#world = world;
  }

  async start(): Promise<void> {
    this.#world.lamp = null;
  }

  show(pattern: LampPattern): void {
    this.#world.lamp = pattern;
  }

  async close(): Promise<void> {
    this.#world.lamp = null;
  }
}
