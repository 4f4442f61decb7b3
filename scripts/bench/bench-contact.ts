import type { DeviceClock } from '#agent/ports/clock.ts';
import type { ContactInput, ContactListener, InputKind } from '#agent/ports/inputs.ts';

/** A button that the bench presses: what it tells is an edge after debounce, with nothing before it. */
export class BenchContact implements ContactInput {
  readonly name: string;
  readonly kind: InputKind = 'button';
  readonly #clock: DeviceClock;
  #listener: ContactListener | null = null;

  constructor(name: string, clock: DeviceClock) {
    this.name = name;
    this.#clock = clock;
  }

  async start(listener: ContactListener): Promise<boolean> {
    this.#listener = listener;
    return false;
  }

  move(to: 'closed' | 'open'): void {
    this.#listener?.edge({ active: to === 'closed', atMonoMs: this.#clock.sinceBootMs(), edges: 1 });
  }

  async close(): Promise<void> {
    this.#listener = null;
  }
}
