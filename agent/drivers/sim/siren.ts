import type { Siren } from '../../ports/outputs.ts';
import type { SimWorld } from './world.ts';

/** Sounds in the simulated world; silent after the end whatever it was told. */
export class SimSiren implements Siren {
  readonly name: string;
  readonly #world: SimWorld;

  constructor({ name, world }: { name: string; world: SimWorld }) {
    this.name = name;
    this.#world = world;
  }

  async start(): Promise<void> {
    this.#world.siren = 'off';
  }

  set(on: 'on' | 'off'): void {
    this.#world.siren = on;
  }

  async close(): Promise<void> {
    this.#world.siren = 'off';
  }
}
