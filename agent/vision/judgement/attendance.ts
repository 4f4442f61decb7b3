import type { DualBackground } from '../background/background.ts';
import type { Settings } from '../settings.ts';
import { groundDistance, type Mover, type Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { type Foot, footOf, heightOf, intersectionOf, type Rect } from '../tracking/rect.ts';
import type { Attendance, StaticTrack } from '../tracking/track.ts';
import { mayAttend, traced } from './back-trace.ts';
import { SOMEBODY_AFTER_S } from './scores.ts';
import { isPieceBeside, presenceOver } from './upper-body.ts';

/** A gap shorter than this in somebody's presence is the tracker's, not theirs. */
const GAP_S = 1;
/** Who comes apart from a member so soon after it came to rest is one of those who brought it. */
const SPLIT_WITHIN_S = 5;
/** A mover that came this far (person heights) is somebody. */
const CAME_FROM = 0.2;
/** Shorter than this (person heights) somebody is seen in part only. */
const PART = 0.7;
/** An outline that has grown or shrunk by this factor is another thing's. */
const OTHER_SIZE = 1.5;
const OVER_TAU_S = 3;
/** Whoever stands somewhere sways once within this; what hangs over a thing and does not is what somebody left. */
const SWAYS_WITHIN_S = 10;
/** What has hung over a thing for longer is no person but has come to stay, like a screen that lights up. */
const OVER_MOST_S = 120;
/** Stirring less than this (share of its pixels) for so long, it is a thing. */
const STILL = 0.01;
const STILL_AFTER_S = 8;
/** Until a ghost is known for one: static after two seconds, and judged. */
const GHOST_S = 3;

/**
 * Tells who is with a thing: who brought it, who stood there with them, who takes over by staying right beside it,
 * and who comes back looking like who left. A passer-by is none of these, however often one comes past, and a
 * crowd that walks by tells nothing at all.
 */
export class Attendants {
  readonly #movers: Movers;
  readonly #scale: PersonScale;
  readonly #settings: Settings;
  readonly #background: DualBackground;

  constructor(movers: Movers, scale: PersonScale, background: DualBackground, settings: Settings) {
    this.#movers = movers;
    this.#background = background;
    this.#scale = scale;
    this.#settings = settings;
  }

  /** Brings `track.attendance` up to date; `all` tracks, since one thing may lie behind another. */
  update(track: StaticTrack, all: readonly StaticTrack[], t: number, dtS: number): Attendance {
    const attendance = this.#traced(track);
    track.attendance = attendance;
    this.#forget(attendance);
    const { x, y } = footOf(track.component.rect);
    const foot = { x, y: y + attendance.liftPx };
    attendance.ownerDistance = null;
    attendance.nearestDistance = null;
    let isNear = false;
    let stays = false;
    let lingers = false;
    let isHeld = false;
    for (const mover of this.#movers.recent) {
      if (!this.#movers.isLive(mover, t)) {
        if (this.#belongs(attendance, mover) && this.#movers.hasWalkedOut(mover, t))
          attendance.walkedOff = true;
        continue;
      }
      const distance = this.#distance(mover, foot, t);
      if (distance > this.#settings.attendanceRadius && this.#belongs(attendance, mover))
        attendance.walkedOff = true;
      if (!mayAttend(this.#movers, mover, track.component.rect)) {
        if (this.#holdsMember(attendance, mover, track.component.rect)) isHeld = true;
        continue;
      }
      attendance.nearestDistance = Math.min(attendance.nearestDistance ?? distance, distance);
      if (this.#lingers(attendance, mover, distance, t)) lingers = true;
      if (this.#isNear(attendance, mover, distance, track.restT, t)) {
        isNear = true;
        if (this.#movers.staysAbout(mover, this.#settings.returnS, t)) stays = true;
      }
      if (attendance.owners.has(mover.id)) noteOwner(attendance, mover, distance);
    }
    // Who keeps too still to be followed, a learned detector may have seen.
    const isSeenThere = track.advice?.isAttended === true;
    const isOpen = attendance.openUntilT !== null && t <= attendance.openUntilT;
    const isOver = this.#isStoodOver(track, all, t, dtS);
    const isThere = lingers || isSeenThere || isOver;
    // An outline that is somebody waits for nobody: it is them, or their ghost.
    const isWaiting = isHeld && track.somebodyS < SOMEBODY_AFTER_S && attendance.leftT === null;
    if (isWaiting && !isNear && !isThere) return attendance;
    settle(attendance, isNear || isOpen, stays || isOpen, isThere, t, this.#settings.returnS);
    return attendance;
  }

  /** Those who are gone for good: a thing may stand somewhere for months, and thousands come by. */
  #forget({ members, owners, besideSince, aroundSince }: Attendance): void {
    for (const ids of [members, owners, besideSince, aroundSince])
      for (const id of ids.keys()) if (!this.#isKnown(id)) ids.delete(id);
  }

  /** Whether whoever has this number, or a piece of them, is followed: numbers are not given twice. */
  #isKnown(id: number): boolean {
    for (const mover of this.#movers.recent) if (mover.id === id || mover.parent === id) return true;
    return false;
  }

  /**
   * Whether an outline that may be the thing's own is one with a member's: who stands by a thing until both keep still
   * is in one outline with it, as tall as a person, which a thing alone is not. The clock waits, as long as it is
   * remembered how they came; then it counts from when they were last seen near, in case the tracker was wrong.
   */
  #holdsMember({ members }: Attendance, mover: Mover, thing: Rect): boolean {
    const { id, rect, sightings, travelled } = mover;
    // What split off where it stands, or has shrunk to less, is the thing alone.
    if (!members.has(id) || travelled <= CAME_FROM) return false;
    if (sightings.every((seen) => intersectionOf(seen.rect, thing) > 0)) return false;
    const expected = this.#scale.heightAt(rect.bottom);
    const tallest = sightings.reduce((most, seen) => Math.max(most, heightOf(seen.rect)), expected);
    return heightOf(rect) >= this.#settings.movingPersonHeight * tallest;
  }

  #belongs({ members }: Attendance, { id, parent }: Mover): boolean {
    return members.has(id) || (parent !== null && members.has(parent));
  }

  /** Traced back when it comes to rest, and again while its outline is still settling. */
  #traced(track: StaticTrack): Attendance {
    const { attendance, settledAreaPx, tracedAreaPx } = track;
    const ratio = settledAreaPx / tracedAreaPx;
    if (attendance !== null && ratio < OTHER_SIZE && ratio > 1 / OTHER_SIZE) return attendance;
    track.tracedAreaPx = settledAreaPx;
    const again = traced(track, this.#movers, this.#scale, this.#settings);
    // Another outline does not undo that somebody was near a moment ago.
    if (attendance !== null) again.nearT = Math.max(again.nearT, attendance.nearT);
    return again;
  }

  /** Whether somebody, member or not, is in front of the thing or touches it in the picture. */
  isCovered(track: StaticTrack, t: number): boolean {
    const { rect } = track.component;
    return this.#movers.recent.some(
      (mover) =>
        this.#movers.isLive(mover, t) &&
        mayAttend(this.#movers, mover, rect) &&
        intersectionOf(mover.rect, rect) > 0,
    );
  }

  /** Of somebody who stands and is seen in part only, the feet may be where the head says. */
  #distance(mover: Mover, foot: Foot, t: number): number {
    const { rect } = mover;
    const seen = groundDistance(this.#scale, rect, foot);
    if (heightOf(rect) > PART * this.#scale.heightAt(rect.bottom) || !this.#movers.stands(mover, t))
      return seen;
    const bottom = this.#scale.footUnder(rect.top);
    return Math.min(seen, groundDistance(this.#scale, { ...rect, bottom }, foot));
  }

  /** Whether somebody of whom only pieces are seen has stood over it for most of the last seconds. */
  #isStoodOver(track: StaticTrack, all: readonly StaticTrack[], t: number, dtS: number): boolean {
    if (track.reportedAs !== null || t - track.restT > OVER_MOST_S) return false;
    const things = () =>
      all.filter((other) => other !== track && liesStill(other, t)).map((other) => other.component.rect);
    const { rect } = track.component;
    const over = presenceOver(rect, things, this.#background, this.#movers, this.#scale, t);
    if (over === 'stirring') track.overT = t;
    const isOver =
      (over !== 'nothing' && t - track.overT < SWAYS_WITHIN_S) ||
      all.some((other) => other !== track && other.seenT === t && isPieceBeside(other, track, this.#scale));
    track.stoodOver += Math.min(1, dtS / OVER_TAU_S) * (Number(isOver) - track.stoodOver);
    return track.stoodOver > 0.5;
  }

  /** Right beside it for a while and not walking: becomes a member, whoever it is. */
  #lingers(attendance: Attendance, mover: Mover, distance: number, t: number): boolean {
    const { lingerRadius, lingerS } = this.#settings;
    if (distance > lingerRadius || !this.#movers.stands(mover, t)) {
      attendance.besideSince.delete(mover.id);
      return false;
    }
    // What never came from anywhere may be the ghost of who left: its track is judged first.
    const neededS = mover.travelled > CAME_FROM ? lingerS : lingerS + GHOST_S;
    if (heldFor(attendance.besideSince, mover.id, t) < neededS) return false;
    attendance.members.add(mover.id);
    return true;
  }

  /** Whether a member is within the radius; who joins them is found out here. */
  #isNear(attendance: Attendance, mover: Mover, distance: number, restT: number, t: number): boolean {
    if (distance > this.#settings.attendanceRadius) {
      attendance.aroundSince.delete(mover.id);
      return false;
    }
    const aroundS = heldFor(attendance.aroundSince, mover.id, t);
    if (!attendance.members.has(mover.id)) this.#maybeJoins(attendance, mover, aroundS, restT, t);
    if (!attendance.members.has(mover.id)) return false;
    if (this.#isAnotherNow(attendance, mover, restT)) return false;
    if (attendance.owners.has(mover.id)) attendance.ownerT = t;
    return true;
  }

  #maybeJoins(attendance: Attendance, mover: Mover, aroundS: number, restT: number, t: number): void {
    const { members, owners, ownerLook, openUntilT } = attendance;
    if (openUntilT !== null && t <= openUntilT) {
      members.add(mover.id);
      return;
    }
    const isAlike = ownerLook === null ? null : mover.look.mayBe(ownerLook);
    const isSplit = mover.parent !== null && members.has(mover.parent);
    // Somebody who stands is seen in pieces at times: a still piece of a member is the member.
    const isPiece = isAlike !== false && this.#movers.stands(mover, t);
    if (isSplit && (isPiece || isAlike === true || t - restT <= SPLIT_WITHIN_S)) {
      members.add(mover.id);
      if (mover.parent !== null && owners.has(mover.parent)) owners.add(mover.id);
      return;
    }
    if (aroundS < this.#settings.returnS || !this.#movers.stands(mover, t)) return;
    // Nobody comes back without coming: what was first seen where it is may be what is left of a ghost.
    if (mover.parent === null && mover.travelled <= CAME_FROM) return;
    if (isAlike === true) {
      members.add(mover.id);
      owners.add(mover.id);
    } else if (this.#isOwnerThere(attendance, t)) members.add(mover.id);
  }

  /** Who brought it is there now: who stands there with them is company. */
  #isOwnerThere({ leftT, ownerT }: Attendance, t: number): boolean {
    return leftT === null && ownerT !== null && t - ownerT <= GAP_S;
  }

  /**
   * After a crowd has passed, the tracker may follow somebody else under a member's number: then whoever it is must
   * look like the one who left. A crowd on the move is nobody.
   */
  #isAnotherNow({ ownerLook, besideSince }: Attendance, mover: Mover, restT: number): boolean {
    if (besideSince.has(mover.id)) return false;
    if (mover.lastT === mover.mergedT) {
      if (!this.#movers.isGroup(mover) || mover.lastT - restT <= SPLIT_WITHIN_S) return false;
      return !this.#movers.stands(mover, mover.lastT);
    }
    if (mover.mergedT < restT || ownerLook === null) return false;
    return mover.look.mayBe(ownerLook) === false;
  }
}

/** Nobody keeps as still as a thing: of the pieces of somebody who stands, some always stir. */
const liesStill = ({ residualMotion, restT }: StaticTrack, t: number): boolean =>
  residualMotion < STILL && t - restT > STILL_AFTER_S;

/** How long `id` has been in `since` without a gap; begins now when it was not. */
function heldFor(since: Map<number, number>, id: number, t: number): number {
  const from = since.get(id);
  if (from !== undefined) return t - from;
  since.set(id, t);
  return 0;
}

function noteOwner(attendance: Attendance, mover: Mover, distance: number): void {
  attendance.ownerDistance = Math.min(attendance.ownerDistance ?? distance, distance);
  const isApart = mover.look.isKnown && mover.mergedT < mover.lastT;
  if (attendance.leftT !== null || !isApart) return;
  if (attendance.ownerLook === null || mover.look.mayBe(attendance.ownerLook) !== false) {
    attendance.ownerLook ??= mover.look.copy();
    attendance.ownerLook.copyFrom(mover.look);
  }
}

/**
 * The clock starts when the last member leaves. Whoever only walks by, a member too, does not stop it; who
 * lingers beside the thing, or has been near for `returnS` and `stays`, does.
 */
export function settle(
  attendance: Attendance,
  isNear: boolean,
  stays: boolean,
  lingers: boolean,
  t: number,
  returnS: number,
): void {
  if (isNear || lingers) {
    if (attendance.nearSince === null || t - attendance.nearT > GAP_S) attendance.nearSince = t;
    attendance.nearT = t;
    const hasReturned = lingers || (stays && t - attendance.nearSince >= returnS);
    if (attendance.leftT !== null && hasReturned) attendance.leftT = null;
  } else if (attendance.leftT === null && t - attendance.nearT > GAP_S) {
    attendance.leftT = attendance.nearT;
  }
}
