import type { SceneMemory } from './scene.ts';
import type { Shift } from './stabilisation/shift.ts';
import type { ScaleMemory } from './tracking/person-scale.ts';
import type { TrackMemory } from './tracking/track-memory.ts';
import type { ImpairmentMemory } from './watches/impairment/impairments.ts';

/**
 * All that a detector knows, for a restart of its process: plain values and typed arrays, so that a structured clone
 * or `node:v8` can write it. It holds a picture of the scene, and so it belongs in memory-backed storage alone.
 */
export interface DetectorMemory {
  readonly version: 1;
  readonly width: number;
  readonly height: number;
  /** Stream time of the newest picture in it, in seconds. */
  readonly t: number;
  readonly scene: SceneMemory;
  readonly scale: ScaleMemory;
  readonly tracks: readonly TrackMemory[];
  /** The next track gets this number. */
  readonly nextTrackId: number;
  /** How far the camera was nudged since its zones were drawn. */
  readonly offset: Shift;
  /** Of the camera's own faults, where they are looked for: added by the camera. */
  readonly impairments?: ImpairmentMemory;
}
