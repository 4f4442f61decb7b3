import type { Clock } from '#contract/clock.ts';
import type { ClockSource } from '../../ports/clock.ts';
import type { SimWorld } from './world.ts';

/** The machine's clock, or one that woke up in 1970 as on a board without a battery. */
export class SimClockSource implements ClockSource {
  readonly #world: SimWorld;
  readonly #clock: Clock;

  constructor({ world, clock }: { world: SimWorld; clock: Clock }) {
    this.#world = world;
    this.#clock = clock;
  }

  wallMs(): number {
    return this.#world.clock === 'unset' ? this.#clock.monoMs() : this.#clock.wallMs();
  }

  isSynced(): boolean {
    return this.#world.clock === 'synced';
  }
}
