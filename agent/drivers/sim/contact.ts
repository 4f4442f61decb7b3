import type { DeviceClock } from '../../ports/clock.ts';
import type { ContactInput, ContactListener, InputKind } from '../../ports/inputs.ts';
import type { SimWorld } from './world.ts';

/** A contact of the simulated world: button, tamper switch or duress pedal. */
export class SimContact implements ContactInput {
  readonly name: string;
  readonly kind: InputKind;
  readonly #world: SimWorld;
  readonly #clock: DeviceClock;
  #stop: (() => void) | null = null;

  constructor({
    name,
    kind,
    world,
    clock,
  }: {
    name: string;
    kind: InputKind;
    world: SimWorld;
    clock: DeviceClock;
  }) {
    this.name = name;
    this.kind = kind;
    this.#world = world;
    this.#clock = clock;
  }

  async start(listener: ContactListener): Promise<boolean> {
    this.#stop?.();
    const level = this.#world.contact(this.name);
    this.#stop = this.#world.onContact(({ name, active }) => {
      if (name === this.name) listener.edge({ active, atMonoMs: this.#clock.sinceBootMs(), edges: 1 });
    });
    return level;
  }

  async close(): Promise<void> {
    this.#stop?.();
    this.#stop = null;
  }
}
