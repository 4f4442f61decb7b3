import type { Pose } from '#agent/ports/base.ts';
import type { DriveArea } from '#agent/ports/drive.ts';
import { isInside } from '#contract/site-map/geometry.ts';
import type { AskMap, PlaceOnMap } from './facts.ts';

const NOWHERE: PlaceOnMap = { isAllowed: false, maxMps: 0 };

/** Asks areas what they say of a place. Of a map that none of them is on, a robot knows nothing: it may not be there. */
export function mapOf(areas: readonly DriveArea[]): AskMap {
  if (areas.length === 0) return null;
  return ({ map, x, y }: Pose) => {
    if (![x, y].every(Number.isFinite)) return NOWHERE;
    const point = [x, y] as const;
    const here = areas.filter((area) => area.map === map && isInside(point, area.bounds));
    const isShut = here.some(({ noGo }) => noGo.some((polygon) => isInside(point, polygon)));
    if (here.length === 0 || isShut) return NOWHERE;
    const slow = here.flatMap((area) => area.slow.filter(({ polygon }) => isInside(point, polygon)));
    return {
      isAllowed: true,
      maxMps: Math.min(Number.POSITIVE_INFINITY, ...slow.map(({ maxMps }) => maxMps)),
    };
  };
}

/** A robot whose map cannot be read may be nowhere. */
export const mapUnread: AskMap = () => NOWHERE;
