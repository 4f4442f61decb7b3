import type { Measurements } from '#contract/event-data.ts';
import type { DualBackground } from './background/background.ts';
import type { Shift } from './stabilisation/shift.ts';
import type { Grid } from './tracking/components.ts';
import type { Mover } from './tracking/movers.ts';
import type { PersonScale } from './tracking/person-scale.ts';
import type { StaticTrack } from './tracking/track.ts';

/** What the detector knows of the scene with the picture pushed last; for reading only. */
export interface SceneView {
  readonly width: number;
  readonly height: number;
  /** Seconds of stream time. */
  readonly t: number;
  readonly grid: Grid;
  /** Whether tracks were brought up to date with this picture; they are a few times a second. */
  readonly isJudged: boolean;
  /** Nobody can tell yet, or just now, what in the picture is background. */
  readonly isUnknown: boolean;
  /**
   * How far the camera was nudged for good since its zones were drawn, as far as it was followed: what lay at x then
   * lies at x + dx now (pixels).
   */
  readonly offset: Shift;
  readonly background: DualBackground;
  /** Whoever is followed now. */
  readonly movers: readonly Mover[];
  /** What is new and keeps still. */
  readonly tracks: readonly StaticTrack[];
  readonly scale: PersonScale;
  /** The figures that an event about `track` would carry now. */
  measure(track: StaticTrack): Measurements;
}
