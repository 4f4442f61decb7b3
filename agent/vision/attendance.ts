import { type Foot, footOf, intersectionOf, sizeOf } from './frame.ts';
import { groundDistance, type Mover, type Movers } from './movers.ts';
import type { PersonScale } from './person-scale.ts';
import type { Settings } from './settings.ts';
import type { Attendance, StaticTrack } from './statics.ts';

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
    track.attendance ??= this.#first(track, foot, t);
    const attendance = track.attendance;
    attendance.attended = false;
    for (const mover of this.#movers.recent) {
      if (!this.#movers.isLive(mover, t) || !this.#mayAttend(mover, track)) continue;
      const distance = groundDistance(this.#scale, mover.rect, foot);
      this.#consider(attendance, mover, distance, t);
      if (distance <= this.#settings.attendanceRadius && attendance.members.has(mover.id)) {
        attendance.attended = true;
        attendance.attendedT = t;
      }
    }
    return attendance;
  }

  /** A member by descent, or by staying beside it. */
  #consider(attendance: Attendance, mover: Mover, distance: number, t: number): void {
    const { attendanceRadius, lingerRadius, lingerS } = this.#settings;
    const isChild = mover.parent !== null && attendance.members.has(mover.parent);
    if (isChild && distance <= attendanceRadius) attendance.members.add(mover.id);
    if (distance > lingerRadius) {
      attendance.besideSince.delete(mover.id);
      return;
    }
    const since = attendance.besideSince.get(mover.id) ?? t;
    attendance.besideSince.set(mover.id, since);
    if (t - since >= lingerS) attendance.members.add(mover.id);
  }

  #first(track: StaticTrack, foot: Foot, t: number): Attendance {
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
      attendedT: track.restT,
      attended: members.size > 0 && t === track.restT,
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
