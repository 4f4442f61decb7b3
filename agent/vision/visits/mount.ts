import type { CameraMount } from '#agent/ports/vision-pose.ts';
import type { ScaleMemory } from '../tracking/person-scale.ts';

/** A person of the usual height (metres), as everywhere distances are in person heights. */
const PERSON_M = 1.7;
/** Distances at which one is imagined; as many as make the scale sure. */
const NEAREST_M = 1.5;
const FARTHEST_M = 20;
const PEOPLE = 60;

/**
 * The people that a camera so mounted would have seen, from near to far: a robot's camera hangs where it was built
 * in, so its scale need not wait for people to walk by.
 */
export function scaleOf(
  { heightM, pitchDeg, fieldOfViewDeg }: CameraMount,
  width: number,
  height: number,
): ScaleMemory {
  const focalPx = width / 2 / Math.tan((fieldOfViewDeg * Math.PI) / 360);
  const pitch = (pitchDeg * Math.PI) / 180;
  const rowOf = (distance: number, up: number) => {
    const along = distance * Math.cos(pitch) - up * Math.sin(pitch);
    return height / 2 - (focalPx * (distance * Math.sin(pitch) + up * Math.cos(pitch))) / along;
  };
  const sightings = Array.from({ length: PEOPLE }, (_, index) => {
    // Evenly over rows, not over metres: 1/distance.
    const share = index / (PEOPLE - 1);
    const distance = 1 / (share / NEAREST_M + (1 - share) / FARTHEST_M);
    const row = rowOf(distance, -heightM);
    return { row, height: row - rowOf(distance, PERSON_M - heightM) };
  });
  return { sightings: sightings.filter(({ row }) => row > 0 && row <= height) };
}

/** Beyond this, a thing 30 cm wide is less than the four cells that it takes to tell its sides apart. */
const BAG_M = 0.3;
const BAG_SHARE = 1 / 40;

/** The row above which the floor is too far away for a bag to be seen; 0 where the mount is not known. */
export function nearRowOf(mount: CameraMount | undefined, width: number, height: number): number {
  if (mount === undefined) return 0;
  const focalPx = width / 2 / Math.tan((mount.fieldOfViewDeg * Math.PI) / 360);
  const distance = (focalPx * BAG_M) / (width * BAG_SHARE);
  const below = Math.atan2(mount.heightM, distance) - (mount.pitchDeg * Math.PI) / 180;
  return Math.max(0, height / 2 + focalPx * Math.tan(below));
}
