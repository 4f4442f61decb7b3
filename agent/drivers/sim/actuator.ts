import { WatchpostError } from '#contract/errors.ts';
import type { Actuator, ActuatorListener } from '../../ports/actuators.ts';
import type { SimWorld } from './world.ts';

/** Turns in the simulated world, in no time. */
export class SimActuator implements Actuator {
  readonly name: string;
  readonly #restDegrees: number;
  readonly #world: SimWorld;
  #isStarted = false;

  constructor({ name, restDegrees, world }: { name: string; restDegrees: number; world: SimWorld }) {
    this.name = name;
    this.#restDegrees = restDegrees;
    this.#world = world;
  }

  async start(listener: ActuatorListener): Promise<void> {
    this.#isStarted = true;
    this.#world.actuators.set(this.name, this.#restDegrees);
    listener.back();
  }

  async turn(degrees: number): Promise<void> {
    if (!this.#isStarted) throw new WatchpostError('WP2390', { detail: `${this.name} is not started` });
    this.#world.actuators.set(this.name, degrees);
  }

  async close(): Promise<void> {
    if (this.#isStarted) this.#world.actuators.set(this.name, this.#restDegrees);
    this.#isStarted = false;
  }
}
