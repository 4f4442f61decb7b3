import type { Settings } from '../settings.ts';
import type { Appearance } from '../tracking/track.ts';

/** Who looked like a person for this long is one, whatever part is still to be seen (seconds). */
export const SOMEBODY_AFTER_S = 2;

/** 0 up to `from`, 1 from `to` on, and straight between. */
const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));

/** What is known of a static thing's size and stir. */
export interface Figure {
  /** In person heights where it stands. */
  readonly tall: number;
  readonly wide: number;
  /** Share of its pixels that move. */
  readonly residualMotion: number;
  /** It came here by itself. */
  readonly walkedIn: boolean;
}

/**
 * How surely it is somebody, 0 to 1; 0.5 is the limit. As tall as people are, for whoever stands with a bag is wide
 * and yet there; or as tall as somebody who sits and upright and stirring; or stirring much, whatever its shape; or somebody who came on their own feet.
 */
export function personScore({ tall, wide, residualMotion, walkedIn }: Figure, settings: Settings): number {
  const { personAspect, personHeight, movingPersonHeight, residualMotion: stir } = settings;
  const upright = ramp(tall / wide, personAspect - 0.3, personAspect + 0.3);
  const standing = ramp(tall, personHeight - 0.15, personHeight + 0.15);
  const isMoving = ramp(residualMotion, 0, 2 * stir);
  const stirring = Math.min(
    upright,
    ramp(tall, movingPersonHeight - 0.15, movingPersonHeight + 0.15),
    isMoving,
  );
  const restless = Math.min(ramp(tall, SITTING - 0.15, SITTING + 0.15), ramp(residualMotion, 0, 4 * stir));
  const came = walkedIn ? ramp(tall, SITTING - 0.15, SITTING + 0.15) : 0;
  return Math.max(standing, stirring, restless, came);
}

/** Somebody who sits on the floor is this tall: half of a person's height is trunk and head. */
const SITTING = 0.5;

/** How surely it is what left and not what came, 0 to 1; 0.5 where the contour is as sharp before as now. */
export function ghostScore({ edgeRatio }: Appearance, settings: Settings): number {
  return 1 / (1 + (edgeRatio / settings.ghostEdgeRatio) ** 3);
}

/** 0.5 for what just passes; clear edges, stillness and a near bringer add to it. */
export function objectScore(look: Appearance, residualMotion: number, broughtWithin: number): number {
  const edges = Math.min(0.3, 0.12 * Math.log2(Math.max(0.5, look.edgeRatio)));
  const still = 0.1 * Math.max(0, 1 - residualMotion / 0.04);
  const near = 0.1 * Math.max(0, 1 - broughtWithin);
  return Math.min(1, Math.max(0.1, 0.5 + edges + still + near));
}
