import type { DeviceClock } from '#agent/ports/clock.ts';
import type { ContactEdge, ContactInput, InputKind } from '#agent/ports/inputs.ts';

/** A button that the bench presses: what it tells is an edge after debounce, with nothing before it. */
export class BenchContact implements ContactInput {
  readonly name: string;
  readonly kind: InputKind = 'button';
  readonly #clock: DeviceClock;
  #onEdge: (edge: ContactEdge) => void = () => undefined;

  constructor(name: string, clock: DeviceClock) {
    this.name = name;
    this.#clock = clock;
  }

  async start(onEdge: (edge: ContactEdge) => void): Promise<boolean> {
    this.#onEdge = onEdge;
    return false;
  }

  move(to: 'closed' | 'open'): void {
    this.#onEdge({ active: to === 'closed', atMonoMs: this.#clock.sinceBootMs(), edges: 1 });
  }

  async close(): Promise<void> {
    this.#onEdge = () => undefined;
  }
}
