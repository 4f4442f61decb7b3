import type { EventData } from '#contract/event-data.ts';

/** How the run before this one ended. */
export type EndCause = EventData<'wp.agent.restarted.v1'>['cause'];

/** `safe`: the alarm path alone. */
export type RunMode = 'normal' | 'safe';

/** What a start is, seen against those before it. */
export interface Start {
  readonly cause: EndCause;
  /** Counts up over the life of the device's folder, this one included. */
  readonly starts: number;
  /** Ends that nobody ordered since the last run that lasted. */
  readonly crashes: number;
  readonly mode: RunMode;
  /** The mode of the run before. */
  readonly before: RunMode;
  /** How long this run is to last before safe mode is left by itself; null in normal mode. */
  readonly safeForMs: number | null;
  /** `good`: the last profile that a run lasted with, for the one that is there brings the agent down. */
  readonly profile: 'own' | 'good';
}

/** Where a run notes how it goes. No call throws: a full disk keeps no device from running. */
export interface StartNotes {
  /** It has lasted. */
  healthy(): void;
  /** It ends in order; `probation` after safe mode: one more crash soon, and the next run is safe again. */
  ended(next: 'normal' | 'probation'): void;
}
