import type { BaseReading, Pose } from '#agent/ports/base.ts';
import type { MonoMs } from '#contract/clock.ts';

/** People seen near the robot, and when. */
export interface PeopleNear {
  readonly count: number;
  readonly atMs: MonoMs;
}

/** What a map says of a place. */
export interface PlaceOnMap {
  /** Within the bounds and in no zone that is shut to robots. */
  readonly isAllowed: boolean;
  /** Infinity where nothing is said. */
  readonly maxMps: number;
}

/** Null: nothing is known of where it may be, so that nothing is forbidden. */
export type AskMap = ((pose: Pose) => PlaceOnMap) | null;

/** All that a rule may know. None of it comes over the network but that there is none (docs/robot-safety.md). */
export interface SafetyFacts {
  readonly nowMs: MonoMs;
  /** Null while the base says nothing. */
  readonly reading: BaseReading | null;
  readonly place: PlaceOnMap | null;
  /** Its own button was pressed and the call is not over. */
  readonly isCalling: boolean;
  readonly people: PeopleNear | null;
  /** How long a wheel has been told to turn and has not, milliseconds. */
  readonly stuckForMs: number;
  /** Whoever drove it fell silent, and it is still rolling out. */
  readonly isAbandoned: boolean;
}
