import type { Base, Pose } from '../../ports/base.ts';
import type { SimWorld } from './world.ts';

/** A base that stands where the simulated world says. */
export class SimBase implements Base {
  readonly #world: SimWorld;
  #open = false;

  constructor({ world }: { world: SimWorld }) {
    this.#world = world;
  }

  get started(): boolean {
    return this.#open;
  }

  async start(): Promise<void> {
    this.#open = true;
  }

  pose(): Pose {
    return this.#world.pose();
  }

  async close(): Promise<void> {
    this.#open = false;
  }
}
