import type { LoiteringWatch, WatchReport } from '#agent/ports/vision-watches.ts';
import type { Mover } from '../tracking/movers.ts';
import { footOf, type Rect } from '../tracking/rect.ts';
import { Area } from './area.ts';
import { isPersonSized } from './person-shape.ts';
import { type RestingPeople, sharedOf } from './resting.ts';
import { drawnAt, type WatchedScene } from './scene.ts';

/** Out of the area, or out of sight, for no longer than this is still there. */
const GAP_S = 3;
/** Slower than this (person heights a second) is lingering; a slow walk is 0.65. */
const LINGERING_SPEED = 0.5;
const SPEED_OVER_S = 2;
/** Who is found where somebody lingering was lost covers at least this share of the place. */
const SAME_PLACE = 0.5;

/** Somebody's presence in the area. */
interface Stay {
  moverId: number;
  readonly since: number;
  rect: Rect;
  lingers: boolean;
  missingS: number;
}

/**
 * Tells when somebody stays in an area. A stay belongs to one whom the detector follows. When they are lost, it
 * goes on only for somebody who lingered, where they were lost: keeping still there, hidden in a group there, or
 * followed anew from there. A walker's stay ends with the walker, so that passers-by do not add up.
 */
export class Loitering {
  readonly #watch: LoiteringWatch;
  readonly #area: Area;
  #stays: Stay[] = [];
  #state: 'began' | 'ended' | null = null;
  #since = 0;
  #lastT: number | null = null;
  #firstT: number | null = null;

  constructor(watch: LoiteringWatch) {
    this.#watch = watch;
    this.#area = new Area(watch.polygon);
  }

  /** Takes in a scene whose movers were just brought up to date. */
  look(view: WatchedScene, resting: RestingPeople): WatchReport[] {
    const dtS = Math.min(1, Math.max(0, view.t - (this.#lastT ?? view.t)));
    this.#lastT = view.t;
    const present = view.movers.filter((mover) => mover.lastT === view.t && this.#isWithin(mover, view));
    for (const stay of this.#stays) {
      stay.missingS = this.#isSupported(stay, present, view, resting) ? 0 : stay.missingS + dtS;
    }
    this.#stays = this.#stays.filter(({ missingS }) => missingS < GAP_S);
    const held = new Set(this.#stays.map(({ moverId }) => moverId));
    for (const mover of present) {
      if (held.has(mover.id) || !isPersonSized(mover.rect, view)) continue;
      this.#stays.push({ moverId: mover.id, since: view.t, rect: mover.rect, lingers: false, missingS: 0 });
    }
    return this.#tell(view);
  }

  /** Stream time begins again: nobody is known any more. */
  restart(): void {
    this.#stays = [];
    this.#lastT = null;
  }

  #isSupported(stay: Stay, present: readonly Mover[], view: WatchedScene, resting: RestingPeople): boolean {
    const own = view.movers.find(({ id }) => id === stay.moverId);
    if (own !== undefined && own.lastT === view.t) {
      if (!present.includes(own)) return false;
      stay.rect = own.rect;
      stay.lingers = lingers(own, view);
      return true;
    }
    if (!stay.lingers) return false;
    const still = resting.at(stay.rect);
    if (still !== null) return true;
    const there = present.find(({ rect }) => sharedOf(rect, stay.rect) > SAME_PLACE);
    if (there === undefined) return false;
    // Somebody else's presence hides it only; one who is new there is the one who was lost.
    if (!this.#stays.some(({ moverId }) => moverId === there.id)) stay.moverId = there.id;
    return true;
  }

  #isWithin({ rect }: Mover, view: WatchedScene): boolean {
    const { x, y } = drawnAt(footOf(rect), view);
    return this.#area.holds(x / view.width, y / view.height);
  }

  /** One word for the whole area: began with the first who stays too long, ended when none does. */
  #tell({ t }: WatchedScene): WatchReport[] {
    const { name, afterS } = this.#watch;
    const longest = this.#stays.reduce(
      (least, { since }) => Math.min(least, since),
      Number.POSITIVE_INFINITY,
    );
    const state = t - longest >= afterS ? 'began' : 'ended';
    if (state === this.#state || !this.#isKnown(state, t)) return [];
    this.#state = state;
    if (state === 'began') this.#since = longest;
    return [{ kind: 'watch', watch: 'loitering', state, name, t, since: this.#since }];
  }

  /**
   * That nobody stays is not known before somebody who was there already could have been found to. A process that
   * was started again would otherwise end what goes on, and tell it a second time.
   */
  #isKnown(state: 'began' | 'ended', t: number): boolean {
    this.#firstT ??= t;
    return state === 'began' || this.#state !== null || t - this.#firstT > this.#watch.afterS + GAP_S;
  }
}

function lingers({ sightings, rect }: Mover, { scale, t }: WatchedScene): boolean {
  const before = sightings.find((sighting) => sighting.t >= t - SPEED_OVER_S);
  if (before === undefined || t - before.t < SPEED_OVER_S / 2) return false;
  return scale.distance(footOf(before.rect), footOf(rect)) < LINGERING_SPEED * (t - before.t);
}
