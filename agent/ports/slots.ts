import type { ErrorCode } from '#contract/errors.ts';
import type { DeviceState } from '#contract/messages.ts';

/** What a device runs from, as `up/state` says it. */
export type RunningBundle = NonNullable<DeviceState['bundle']>;

/** Of a run on trial. */
export interface TrialFacts {
  /** Generation that runs again where the trial is not passed; null for a first bundle, which stays. */
  readonly backTo: number | null;
  /** When the trial began, by the clock that counts from boot. Milliseconds. */
  readonly sinceMs: number;
}

/** The two slots, seen from the run that started from one of them. One writer at a time: WP4210 where it is another. */
export interface SlotDesk {
  readonly running: RunningBundle;
  /** Whether it speaks: without prompts on purpose it cannot be given up for silence. */
  readonly hasVoice: boolean;
  /** Versions of the agent that it is for, as npm writes them. */
  readonly agent: string;
  /** Differs for each rejection that is noted, so that it is told once; null where none is. */
  readonly lastRejection: string | null;
  /** Null on what is confirmed. */
  readonly trial: TrialFacts | null;
  /** Names of parts that are not what was installed. */
  damaged(): Promise<readonly string[]>;
  /** The trial was passed. */
  confirm(): Promise<void>;
  /** The trial was not passed: the next start runs what is confirmed. A first bundle stays. */
  reject(code: ErrorCode): Promise<void>;
  /** The next start runs the other slot: nothing is installed before it, for that would go where this run still reads. */
  readonly isLeaving: boolean;
  /** The next start runs the one confirmed before; ordered twice, it is done once. Rejects with WP4203, WP4206. */
  fallBack(): Promise<{ readonly slot: 'a' | 'b'; readonly generation: number }>;
}
