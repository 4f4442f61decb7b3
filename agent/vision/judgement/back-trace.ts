import type { Settings } from '../settings.ts';
import { groundDistance, type Mover, type Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { type Foot, footOf, intersectionOf, type Rect, sizeOf } from '../tracking/rect.ts';
import type { Attendance, StaticTrack } from '../tracking/track.ts';

/** After it came to rest, whoever is still within this time may have brought it. */
const SETTLE_S = 1;
/** Sharing this much of both outlines, a mover and a thing are one. */
const SAME_OUTLINE = 0.5;
/** Something that came this far as a mover of its own was not carried here (person heights). */
const WALKED = 0.5;

/**
 * Goes back to when the thing came to rest: who was there, and who of them was nearest. The nearest brought it;
 * whoever else stood around is with it until they leave.
 */
export function traced(
  track: StaticTrack,
  movers: Movers,
  scale: PersonScale,
  settings: Settings,
): Attendance {
  const { rect } = track.component;
  const members = new Set<number>();
  let bringer: Mover | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const mover of movers.recent) {
    if (!mayAttend(movers, mover, rect)) continue;
    const around = whenAround(mover, footOf(rect), track.restT, scale, settings);
    if (around.isMember) members.add(mover.id);
    if (around.nearest >= nearest) continue;
    nearest = around.nearest;
    bringer = mover;
  }
  const isBrought = bringer !== null && nearest <= settings.bringerRadius;
  if (isBrought && bringer !== null) members.add(bringer.id);
  const owners = isBrought && bringer !== null ? [bringer.id] : [];
  return {
    members,
    owners: new Set(owners),
    ownerLook: isBrought && bringer?.look.isKnown === true ? bringer.look.copy() : null,
    besideSince: new Map(),
    aroundSince: new Map(),
    broughtWithin: isBrought ? nearest : null,
    walkedIn: movers.recent.some((mover) => isItself(mover, rect)),
    nearSince: null,
    nearT: track.restT,
    ownerT: isBrought ? track.restT : null,
    ownerDistance: null,
    nearestDistance: null,
    openUntilT: null,
    leftT: null,
  };
}

interface Around {
  readonly nearest: number;
  /** Within the attendance radius when it came to rest or since. */
  readonly isMember: boolean;
}

function whenAround(
  mover: Mover,
  foot: Foot,
  restT: number,
  scale: PersonScale,
  { attendanceRadius, bringerWindowS }: Settings,
): Around {
  let nearest = Number.POSITIVE_INFINITY;
  let isMember = false;
  for (const { t, rect } of mover.sightings) {
    if (t < restT - bringerWindowS) continue;
    const distance = groundDistance(scale, rect, foot);
    if (t <= restT + SETTLE_S) nearest = Math.min(nearest, distance);
    if (distance <= attendanceRadius && t >= restT - SETTLE_S) isMember = true;
  }
  return { nearest, isMember };
}

/** Whether the thing is a mover that stopped here. */
function isItself(mover: Mover, rect: Rect): boolean {
  const shared = intersectionOf(mover.rect, rect);
  const isSame = shared > SAME_OUTLINE * Math.max(sizeOf(mover.rect), sizeOf(rect));
  return isSame && mover.travelled > WALKED;
}

/** Person-sized, and not the thing itself seen as foreground. */
export function mayAttend(movers: Movers, mover: Mover, rect: Rect): boolean {
  const shared = intersectionOf(mover.rect, rect);
  if (shared > 0.5 * sizeOf(rect) && sizeOf(mover.rect) < 2.5 * sizeOf(rect)) return false;
  return movers.isPerson(mover);
}
