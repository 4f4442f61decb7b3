import type { BaseReading } from '#agent/ports/base.ts';
import type { DriveDesk, DriveEnd, Driving } from '#agent/ports/driving.ts';
import type { Clock, MonoMs } from '#contract/clock.ts';
import type { Survival } from './survival.ts';

export interface HomingParts {
  readonly desk: DriveDesk;
  readonly clock: Clock;
  /** Called when it could not get home, and when it is there after that. */
  readonly onTrouble: (end: DriveEnd | null) => void;
}

/** A way that was blocked may be free then. */
const AGAIN_AFTER_MS = 5000;
/**
 * After safety has held it: whoever released an emergency stop has not asked for a movement (ISO 13850: to release
 * it must not start the machine), and has time to step back.
 */
const AFTER_STOP_MS = 10_000;

/** Does what survival asks for: goes to the dock and stays there, or stays where it is. */
export class Homing {
  readonly #parts: HomingParts;
  #driving: { readonly driving: Driving; readonly goal: 'dock' | 'stay' } | null = null;
  #notBeforeMs: MonoMs = Number.NEGATIVE_INFINITY;
  #isTold = false;

  constructor(parts: HomingParts) {
    this.#parts = parts;
  }

  step(wanted: Survival, reading: BaseReading | null): void {
    if (wanted === 'none') this.#release();
    else this.#want(wanted, reading);
  }

  #want(wanted: 'park' | 'dock', reading: BaseReading | null): void {
    const nowMs = this.#parts.clock.monoMs();
    const isHome = reading?.isDocked === true;
    const goal = wanted === 'dock' && !isHome && nowMs >= this.#notBeforeMs ? 'dock' : 'stay';
    if (isHome) this.#tell(null);
    if (this.#driving?.goal === goal) this.#driving.driving.refresh();
    else this.#ask(goal);
  }

  /** Safety holds the robot. */
  held(): void {
    this.#notBeforeMs = this.#parts.clock.monoMs() + AFTER_STOP_MS;
  }

  #ask(goal: 'dock' | 'stay'): void {
    const asked = this.#parts.desk.ask({
      rank: 'survival',
      goal: { kind: goal },
      onEnd: (end) => this.#ended(end),
    });
    this.#driving = asked.granted ? { driving: asked.driving, goal } : null;
  }

  #ended(end: DriveEnd): void {
    this.#driving = null;
    if (end.ended === 'arrived' || end.ended === 'cancelled' || end.ended === 'preempted') return;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#parts.clock.monoMs() + AGAIN_AFTER_MS);
    this.#tell(end);
  }

  #tell(end: DriveEnd | null): void {
    if (this.#isTold === (end !== null)) return;
    this.#isTold = end !== null;
    this.#parts.onTrouble(end);
  }

  #release(): void {
    this.#driving?.driving.release();
    this.#driving = null;
  }
}
