import type { Cancel } from '#contract/clock.ts';

/** What has become of the bypass of an input or sensor. */
export type BypassChange = 'bypassed' | 'restored';

/**
 * Which inputs and sensors are bypassed for a while: what they say is not believed, the alarms that it would have
 * raised are counted instead (docs/inputs.md). Asked by whoever reads them, before anything is made of it.
 */
export interface BypassGate {
  isBypassed(input: string): boolean;
  /** Counts an alarm of it that was not raised. */
  suppress(input: string): void;
  onChange(listener: (input: string, change: BypassChange) => void): Cancel;
}
