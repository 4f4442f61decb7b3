import type { WatchpostError } from '#contract/errors.ts';

/** Who hears of an actuator from its start to its close. */
export interface ActuatorListener {
  /** It cannot be turned: a board unplugged, a pin of no use. `error` is WP23xx. */
  lost(error: WatchpostError): void;
  /** It is there, perhaps anew, and has been told to turn to its rest. */
  back(): void;
}

/** Something that is turned between positions: a barrier, a flag, the cover of a camera. */
export interface Actuator {
  readonly name: string;
  /** Looks for it once, and goes on looking. Rejects with WP23xx when it can never be turned as the profile says. */
  start(listener: ActuatorListener): Promise<void>;
  /**
   * Turns to an angle in whole degrees, 0–180. Resolves when it has been told to, not when it is there: a servo does
   * not say where it stands. Rejects with WP23xx when it is away; it is not turned later then.
   */
  turn(degrees: number): Promise<void>;
  /** Turns to its rest, where it is left. */
  close(): Promise<void>;
}
