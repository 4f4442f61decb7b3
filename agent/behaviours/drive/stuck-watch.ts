import type { BaseReading, Wheel } from '#agent/ports/base.ts';
import type { MonoMs } from '#contract/clock.ts';

/** Slower than this, friction and coarse encoders look like a wheel that is stuck. */
const LEAST_MPS = 0.05;
/** A wheel that does less than this share of what it is told, or turns the other way, does not turn. */
const LEAST_SHARE = 0.2;

/** How long a wheel has been told to turn and has not. */
export class StuckWatch {
  #sinceMs: MonoMs | null = null;

  /** Milliseconds; 0 while all wheels do as they are told, or none is told to turn. */
  look(reading: BaseReading | null): number {
    if (reading === null) return 0;
    if (!reading.wheels.some(isStuck)) this.#sinceMs = null;
    else this.#sinceMs ??= reading.atMs;
    return this.#sinceMs === null ? 0 : reading.atMs - this.#sinceMs;
  }
}

const isStuck = ({ commandedMps, measuredMps }: Wheel): boolean =>
  Math.abs(commandedMps) >= LEAST_MPS && measuredMps / commandedMps < LEAST_SHARE;
