import type { Settings } from '../settings.ts';
import { groundDistance, type Mover, type Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { type Foot, footOf, intersectionOf, sizeOf } from '../tracking/rect.ts';
import type { Attendance, StaticTrack } from '../tracking/statics.ts';

/**
 * Tells who is with a thing. With it are those near when it came to rest, those who split off from them nearby,
 * and whoever lingers right beside it; a passer-by is not, however often one comes past.
 */
export class Attendants {
  readonly #movers: Movers;
  readonly #scale: PersonScale;
  readonly #settings: Settings;

  constructor(movers: Movers, scale: PersonScale, settings: Settings) {
    this.#movers = movers;
    this.#scale = scale;
    this.#settings = settings;
  }

  /** Brings `track.attendance` up to date. */
  update(track: StaticTrack, t: number): Attendance {
    const foot = footOf(track.component.rect);
    track.attendance ??= this.#first(track, foot);
    const attendance = track.attendance;
    let isNear = false;
    let lingers = false;
    for (const mover of this.#movers.recent) {
      if (!this.#movers.isLive(mover, t) || !this.#mayAttend(mover, track)) continue;
      const distance = groundDistance(this.#scale, mover.rect, foot);
      if (this.#lingers(attendance, mover, distance, t)) lingers = true;
      const isWithin = distance <= this.#settings.attendanceRadius;
      if (isWithin && this.#isMember(attendance, mover)) isNear = true;
    }
    settle(attendance, isNear, lingers, t, this.#settings.returnS);
    return attendance;
  }

  /** Whether somebody, member or not, is in front of the thing or touches it in the picture. */
  isCovered(track: StaticTrack, t: number): boolean {
    return this.#movers.recent.some(
      (mover) =>
        this.#movers.isLive(mover, t) &&
        this.#mayAttend(mover, track) &&
        intersectionOf(mover.rect, track.component.rect) > 0,
    );
  }

  /** A member, or split off from one while near. */
  #isMember(attendance: Attendance, mover: Mover): boolean {
    if (mover.parent !== null && attendance.members.has(mover.parent)) attendance.members.add(mover.id);
    return attendance.members.has(mover.id);
  }

  /** Right beside it for a while: becomes a member, whoever it is. */
  #lingers(attendance: Attendance, mover: Mover, distance: number, t: number): boolean {
    const { lingerRadius, lingerS } = this.#settings;
    if (distance > lingerRadius) {
      attendance.besideSince.delete(mover.id);
      return false;
    }
    const since = attendance.besideSince.get(mover.id) ?? t;
    attendance.besideSince.set(mover.id, since);
    if (t - since < lingerS) return false;
    attendance.members.add(mover.id);
    return true;
  }

  #first(track: StaticTrack, foot: Foot): Attendance {
    const { attendanceRadius, bringerRadius, bringerWindowS } = this.#settings;
    const members = new Set<number>();
    let nearest = Number.POSITIVE_INFINITY;
    for (const mover of this.#movers.recent) {
      if (!this.#mayAttend(mover, track)) continue;
      for (const { t: at, rect } of mover.sightings) {
        if (at < track.restT - bringerWindowS) continue;
        const distance = groundDistance(this.#scale, rect, foot);
        if (at <= track.restT + 1) nearest = Math.min(nearest, distance);
        if (distance <= attendanceRadius && at >= track.restT - 1) members.add(mover.id);
      }
    }
    return {
      members,
      besideSince: new Map(),
      broughtWithin: nearest <= bringerRadius ? nearest : null,
      nearSince: null,
      nearT: track.restT,
      leftT: null,
    };
  }

  /** Person-sized, and not the thing itself seen as foreground. */
  #mayAttend(mover: Mover, track: StaticTrack): boolean {
    const { rect } = track.component;
    const shared = intersectionOf(mover.rect, rect);
    if (shared > 0.5 * sizeOf(rect) && sizeOf(mover.rect) < 2.5 * sizeOf(rect)) return false;
    return mover.sightings.some((sighting) => this.#movers.isPersonSized(sighting.rect));
  }
}

/** A gap shorter than this in somebody's presence is the tracker's, not theirs. */
const GAP_S = 1;

/**
 * The clock starts when the last member leaves. Whoever only walks by, a member too, does not stop it; who
 * lingers beside the thing, or stays near for `returnS`, does.
 */
function settle(attendance: Attendance, isNear: boolean, lingers: boolean, t: number, returnS: number): void {
  if (isNear || lingers) {
    if (attendance.nearSince === null || t - attendance.nearT > GAP_S) attendance.nearSince = t;
    attendance.nearT = t;
    const hasReturned = lingers || t - attendance.nearSince >= returnS;
    if (attendance.leftT !== null && hasReturned) attendance.leftT = null;
  } else if (attendance.leftT === null) {
    attendance.leftT = attendance.nearT;
  }
}
