import type { Settings } from '../settings.ts';
import { groundDistance, type Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { footOf } from '../tracking/rect.ts';
import type { StaticTrack } from '../tracking/track.ts';
import { mayAttend } from './back-trace.ts';

/** Its place must look empty for a second first, in which whoever took it goes on walking. */
const TAKEN_WITHIN_S = 3;

/**
 * Who took what is gone: the owner when one of those who brought it is there, or somebody who looks like them;
 * others when whoever is there looks otherwise, or there is nobody. Where no look can be told, whoever was with it.
 */
export function takenBy(
  track: StaticTrack,
  movers: Movers,
  scale: PersonScale,
  settings: Settings,
  t: number,
): 'owner' | 'other' {
  const { attendance } = track;
  if (attendance === null) return 'other';
  if (attendance.ownerT !== null && t - attendance.ownerT <= TAKEN_WITHIN_S) return 'owner';
  const { x, y } = footOf(track.component.rect);
  const foot = { x, y: y + attendance.liftPx };
  let isStranger = false;
  for (const mover of movers.recent) {
    if (t - mover.lastT > TAKEN_WITHIN_S || !mayAttend(movers, mover, track.component.rect)) continue;
    const wasThere = mover.sightings.some(
      (sighting) =>
        t - sighting.t <= TAKEN_WITHIN_S &&
        groundDistance(scale, sighting.rect, foot) <= settings.attendanceRadius,
    );
    if (!wasThere) continue;
    const isAlike = attendance.ownerLook === null ? null : mover.look.mayBe(attendance.ownerLook);
    if (isAlike === true) return 'owner';
    if (isAlike === false) isStranger = true;
  }
  return !isStranger && t - attendance.nearT < TAKEN_WITHIN_S ? 'owner' : 'other';
}
