import type { Cancel } from '#contract/clock.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { ContactEdge } from '../../ports/inputs.ts';

/**
 * Lets a level through once it has held for `holdMs`, dated by the raw edge that began it: what the kernel does for
 * GPIO lines. A spike of a long cable that is over sooner is no press.
 */
export class Debounce {
  readonly #holdMs: number;
  readonly #clock: DeviceClock;
  readonly #onEdge: (edge: ContactEdge) => void;
  #settled = false;
  #raw = false;
  #edges = 0;
  #waiting: Cancel | null = null;

  constructor({
    holdMs,
    clock,
    onEdge,
  }: {
    holdMs: number;
    clock: DeviceClock;
    onEdge: (edge: ContactEdge) => void;
  }) {
    this.#holdMs = holdMs;
    this.#clock = clock;
    this.#onEdge = onEdge;
  }

  get level(): boolean {
    return this.#settled;
  }

  /** Starts over from a level that was found. */
  begin(level: boolean): void {
    this.stop();
    this.#settled = level;
    this.#raw = level;
  }

  /** A raw level; the same again is nothing. */
  take(raw: boolean): void {
    if (raw === this.#raw) return;
    this.#raw = raw;
    this.#edges += 1;
    const atMonoMs = this.#clock.sinceBootMs();
    this.#waiting?.();
    this.#waiting = null;
    if (this.#holdMs === 0) this.#settle(atMonoMs);
    else this.#waiting = this.#clock.after(this.#holdMs, () => this.#settle(atMonoMs));
  }

  stop(): void {
    this.#waiting?.();
    this.#waiting = null;
    this.#edges = 0;
  }

  #settle(atMonoMs: number): void {
    const edges = this.#edges;
    this.stop();
    if (this.#raw === this.#settled) return;
    this.#settled = this.#raw;
    this.#onEdge({ active: this.#raw, atMonoMs, edges });
  }
}
