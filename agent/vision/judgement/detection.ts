import type { Measurements, ObjectState } from '#contract/event-data.ts';
import type { Component } from '../tracking/components.ts';

/** What the detector says; `box` as fractions of the picture, times in seconds of stream time. */
export interface Detection {
  readonly change: 'left' | 'updated' | 'reclaimed' | 'removed';
  readonly state: ObjectState;
  readonly objectId: string;
  /** The static track it was judged from; null where another part than the detector found it. */
  readonly trackId: number | null;
  readonly t: number;
  /** Since when it has been left alone. */
  readonly since: number;
  readonly box: [number, number, number, number];
  /** The cells it covers, for the picture. */
  readonly component: Component;
  readonly score: number;
  readonly reason: string;
  /** Absent where another part than the detector found it. */
  readonly measurements?: Measurements;
  /** The zone whose dwell time held; absent outside of all. */
  readonly zone?: string;
}
