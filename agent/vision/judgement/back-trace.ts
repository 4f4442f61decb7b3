import type { Settings } from '../settings.ts';
import { groundDistance, type Mover, type Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { heightOf, intersectionOf, type Rect, sizeOf, widthOf } from '../tracking/rect.ts';
import type { Attendance, StaticTrack } from '../tracking/track.ts';

/** After it came to rest, whoever is still within this time may have brought it. */
const SETTLE_S = 1;
/** Sharing this much of both outlines, a mover and a thing are one. */
const SAME_OUTLINE = 0.5;
/** Something that came this far as a mover of its own was not carried here (person heights). */
const WALKED = 0.5;
/**
 * Who sits on the floor is half as tall as who walked there, who lies and what shadow they throw half as long, whatever
 * a person's height is.
 */
const SAT_DOWN = 0.5;

/** On the floor, on a seat, on a table: how high a thing may stand, in person heights. */
const LIFTS = [0, 0.27, 0.45] as const;

/**
 * Goes back to when the thing came to rest: who was there, and who of them was nearest. The nearest brought it;
 * whoever else stood around is with it until they leave. Where nobody was near on the floor, it may stand on a seat or
 * a table: then the floor is looked for below it.
 */
export function traced(
  track: StaticTrack,
  movers: Movers,
  scale: PersonScale,
  settings: Settings,
): Attendance {
  const person = scale.heightAt(track.component.rect.bottom);
  for (const lift of LIFTS) {
    const found = tracedAt(track, lift * person, movers, scale, settings);
    if (found.broughtWithin !== null || lift === LIFTS.at(-1)) return found;
  }
  return tracedAt(track, 0, movers, scale, settings);
}

/** As if it stood on the floor `liftPx` below its lower edge. */
function tracedAt(
  track: StaticTrack,
  liftPx: number,
  movers: Movers,
  scale: PersonScale,
  settings: Settings,
): Attendance {
  const { rect } = track.component;
  const members = new Set<number>();
  const walkers: number[] = [];
  let nearT = track.restT;
  let bringer: Mover | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const mover of movers.recent) {
    if (!movers.isPerson(mover)) continue;
    const around = whenAround(mover, rect, liftPx, track.restT, movers, scale, settings);
    if (around.memberT !== null) {
      members.add(mover.id);
      nearT = Math.max(nearT, around.memberT);
    }
    if (around.walkedOff) walkers.push(mover.id);
    if (around.nearest >= nearest) continue;
    nearest = around.nearest;
    bringer = mover;
  }
  const isBrought = bringer !== null && nearest <= settings.bringerRadius;
  const owners = isBrought && bringer !== null ? family(bringer, movers) : [];
  for (const id of owners) members.add(id);
  return {
    members,
    owners: new Set(owners),
    ownerLook: isBrought && bringer?.look.isKnown === true ? bringer.look.copy() : null,
    besideSince: new Map(),
    aroundSince: new Map(),
    broughtWithin: isBrought ? nearest : null,
    liftPx: isBrought ? liftPx : 0,
    cameOutOf: isBrought && bringer !== null && cameOutOf(bringer, rect, movers),
    walkedIn: movers.recent.some((mover) => isItself(mover, rect)),
    walkedOff: walkers.some((id) => members.has(id)),
    nearSince: null,
    nearT,
    ownerT: isBrought ? track.restT : null,
    ownerDistance: null,
    nearestDistance: null,
    openUntilT: null,
    leftT: null,
  };
}

interface Around {
  readonly nearest: number;
  /** When it was last within the attendance radius since it came to rest; null when it was not. */
  readonly memberT: number | null;
  /** It was within that radius, and then farther off. */
  readonly walkedOff: boolean;
}

function whenAround(
  mover: Mover,
  thing: Rect,
  liftPx: number,
  restT: number,
  movers: Movers,
  scale: PersonScale,
  { attendanceRadius, bringerWindowS }: Settings,
): Around {
  const foot = { x: (thing.left + thing.right) / 2, y: thing.bottom + liftPx };
  let nearest = Number.POSITIVE_INFINITY;
  let memberT: number | null = null;
  let [wasNear, walkedOff] = [false, false];
  for (const { t, rect } of mover.sightings) {
    // The tracker may go on with the thing under the number of who put it down.
    if (t < restT - bringerWindowS || isThing(rect, thing) || !movers.isPersonSized(rect)) continue;
    const distance = groundDistance(scale, rect, foot);
    if (t <= restT + SETTLE_S) nearest = Math.min(nearest, distance);
    if (distance <= attendanceRadius) wasNear = true;
    walkedOff = wasNear && distance > attendanceRadius && t > restT;
    if (distance <= attendanceRadius && t >= restT - SETTLE_S) memberT = t;
  }
  return { nearest, memberT, walkedOff };
}

/** Who brought it and whoever came apart from them: of these two the tracker keeps one number for one. */
function family(bringer: Mover, movers: Movers): number[] {
  const ids = [bringer.id];
  for (const mover of movers.recent)
    if (mover.parent !== null && ids.includes(mover.parent)) ids.push(mover.id);
  return ids;
}

/** Whether `mover`, or whom it came apart from, was first seen in the thing's own outline. */
function cameOutOf({ id, parent }: Mover, rect: Rect, movers: Movers): boolean {
  return movers.recent.some(
    (mover) =>
      (mover.id === id || mover.id === parent) &&
      intersectionOf(mover.cameFrom, rect) > SAME_OUTLINE * sizeOf(rect),
  );
}

/**
 * Whether the thing is a mover that stopped here. Not where it is much smaller than whoever came: then the tracker
 * has gone on with what they put down.
 */
function isItself(mover: Mover, rect: Rect): boolean {
  const shared = intersectionOf(mover.rect, rect);
  const isSame = shared > SAME_OUTLINE * Math.max(sizeOf(mover.rect), sizeOf(rect));
  const tallest = mover.sightings.reduce((most, seen) => Math.max(most, heightOf(seen.rect)), 0);
  const longest = Math.max(heightOf(rect), widthOf(rect));
  return isSame && mover.travelled > WALKED && longest >= SAT_DOWN * tallest;
}

/** Person-sized, and not the thing itself seen as foreground. */
export function mayAttend(movers: Movers, mover: Mover, rect: Rect): boolean {
  return !isThing(mover.rect, rect) && movers.isPerson(mover);
}

/** Whether a mover's rectangle is the thing itself and little more. */
function isThing(seen: Rect, thing: Rect): boolean {
  return intersectionOf(seen, thing) > 0.5 * sizeOf(thing) && sizeOf(seen) < 2.5 * sizeOf(thing);
}
