import type { Measurements } from '#contract/event-data.ts';

/** The state of the learned detector as an event tells it. */
export type AdviceState = NonNullable<Measurements['model']>['state'];

/**
 * What the learned detector makes of one static track: advice, never a judgement. It replaces what was said of the
 * track before. Only `isVetoed` and `isAttended` may hold an event back, and only for as long as they are said;
 * both are false in every state but `person`, `confirmed` and `silent`.
 */
export interface Advice {
  /**
   * `person`: somebody is in its place, or stays beside it. `confirmed`: luggage is seen there. `silent`: looked at,
   * nothing seen, which says nothing. `absent`, `slow`, `failing`: there is no model to ask, and everything is as
   * without one.
   */
  readonly state: AdviceState;
  /** Looks it rests on. */
  readonly looks: number;
  /** Somebody sits or stands in its place in most looks: not to be reported now. Nothing is to be forgotten. */
  readonly isVetoed: boolean;
  /** Somebody who belongs to it stays beside it, perhaps too still to be followed: it is not alone now. */
  readonly isAttended: boolean;
  /** Mean score of the luggage seen in its place, 0 to 1; null when none was seen. May only raise the score. */
  readonly score: number | null;
  /** Stream time of the newest look, in seconds; null when there was none. */
  readonly t: number | null;
}

/** How the event carries it. */
export function measured({ state, looks, score }: Advice): NonNullable<Measurements['model']> {
  return { state, looks, score };
}
