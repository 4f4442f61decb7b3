import type { ErrorCode } from '#contract/errors.ts';
import type { DriveGoal, DriveOutcome } from './base.ts';

/** Who may move a robot, strongest first. Above them all is safety, which only ever stops it. */
export const DRIVE_RANKS = ['survival', 'order', 'idle'] as const;
export type DriveRank = (typeof DRIVE_RANKS)[number];

/** How a drive came to its end for whoever asked for it; it never goes on by itself. */
export type DriveEnd =
  | { readonly ended: DriveOutcome }
  | { readonly ended: 'preempted'; readonly by: 'safety' | DriveRank }
  /** The base would not begin. */
  | { readonly ended: 'refused'; readonly code: ErrorCode };

export interface DriveRequest {
  readonly rank: DriveRank;
  /** `stay`: nobody weaker may move it meanwhile. */
  readonly goal: DriveGoal | { readonly kind: 'stay' };
  /** As fast as safety allows when absent. */
  readonly maxMps?: number;
  /** Called once. */
  readonly onEnd: (end: DriveEnd) => void;
}

export interface Driving {
  /** Says again that this is wanted: within DEAD_MAN_MS of the last time, or the robot stops and it ends as `expired`. */
  refresh(): void;
  /** Brakes; `onEnd` hears `cancelled`. Idempotent. */
  release(): void;
}

export type Asked =
  | { readonly granted: true; readonly driving: Driving }
  /** `onEnd` is not called. */
  | { readonly granted: false; readonly by: 'safety' | DriveRank };

/** The only way to move a robot. */
export interface DriveDesk {
  /** A drive of the same rank takes the place of the one under way. */
  ask(request: DriveRequest): Asked;
}
