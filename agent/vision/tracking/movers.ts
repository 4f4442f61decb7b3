import type { DualBackground } from '../background/background.ts';
import type { Component, Grid } from './components.ts';
import { GreyLook } from './grey-look.ts';
import type { PersonScale } from './person-scale.ts';
import { type Foot, footOf, grown, heightOf, intersectionOf, type Rect, sizeOf, widthOf } from './rect.ts';

/** Where a mover was at one time. */
export interface Sighting {
  readonly t: number;
  readonly rect: Rect;
}

/** Foreground that is followed over time: a person, a group, a car. */
export interface Mover {
  readonly id: number;
  /** The mover this one split off from. */
  readonly parent: number | null;
  readonly bornT: number;
  /** Where it was first seen; of a piece of somebody who stood, where they were. */
  readonly cameFrom: Rect;
  lastT: number;
  rect: Rect;
  /** Newest last; a few seconds. */
  readonly sightings: Sighting[];
  /** Farthest it has been from where it began, in person heights. */
  travelled: number;
  component: Component;
  /** How they look when seen apart from others. */
  readonly look: GreyLook;
  /** Share of it that moves: most of a walker, little of somebody who stands. A mean over about a second. */
  stir: number;
  /** How often and when it last taught the scale. */
  taught: number;
  taughtT: number;
  /** When it was last one component with others, or as wide as a group. */
  mergedT: number;
}

/** The picture of now and what is known of it, for what is told from pixels. */
export interface MoverPicture {
  readonly data: Uint8Array;
  readonly background: DualBackground;
}

/** Not seen for this long: over. */
const LOST_AFTER_S = 1;
const HISTORY_S = 8;
/** Two movers sharing one component for longer than this were one. */
const SHARED_S = 6;
const MAX_MOVERS = 200;
/** A person is not wider than this many of their own heights; what is wider is several. */
const GROUP_WIDTH = 0.8;
const STIR_TAU_S = 1;
/** Stirring less than this somebody stands, more than this they walk. */
const STANDING_STIR = 0.5;
/** Slower than this (person heights a second) is standing about; a slow walker makes 0.65. */
const STANDING_SPEED = 0.35;
const SPEED_OVER_S = 1.5;
/** Sightings of one person are not independent: a few, taken apart, say all. */
const MOST_LESSONS = 6;
const LESSON_EVERY_S = 0.6;
/** Share of something that is all but the whole of it. */
const MOSTLY = 0.8;

/** Follows components of the foreground from judgement to judgement by overlap. */
export class Movers {
  readonly #scale: PersonScale;
  readonly #width: number;
  readonly #height: number;
  readonly #grid: Grid;
  readonly #live: Mover[] = [];
  readonly #taken = new Set<Component>();
  /** How many people known apart each component holds. */
  readonly #sharers = new Map<Component, number>();
  #movers: Mover[] = [];
  #nextId = 1;
  #lastT = 0;

  constructor(width: number, height: number, grid: Grid, scale: PersonScale) {
    this.#grid = grid;
    this.#width = width;
    this.#height = height;
    this.#scale = scale;
  }

  /** Those seen within the last `HISTORY_S`, the lost ones too. */
  get recent(): readonly Mover[] {
    return this.#movers;
  }

  isLive(mover: Mover, t: number): boolean {
    return t - mover.lastT <= LOST_AFTER_S;
  }

  update(components: readonly Component[], picture: MoverPicture, t: number): void {
    const live = this.#live;
    live.length = 0;
    for (const mover of this.#movers) if (this.isLive(mover, t)) live.push(mover);
    this.#taken.clear();
    this.#sharers.clear();
    for (const mover of live) {
      const component = bestFor(mover, components);
      if (component === null) continue;
      this.#taken.add(component);
      this.#see(mover, component, t);
    }
    for (const component of components) {
      if (!this.#taken.has(component)) this.#begin(component, live, t);
    }
    this.#forget(t);
    for (const mover of this.#movers) if (mover.lastT === t) this.#look(mover, picture, t);
    this.#lastT = t;
  }

  /** Tall enough for a person, or cut off by the edge of the picture so that nobody can tell. */
  isPersonSized(rect: Rect): boolean {
    const expected = this.#scale.heightAt(rect.bottom);
    if (this.touchesEdge(rect)) return heightOf(rect) > 0.15 * expected;
    return heightOf(rect) > 0.45 * expected && widthOf(rect) > 0.08 * expected;
  }

  /** Whether it was person-sized at some time, or, while no person's height is known, walked like one. */
  isPerson(mover: Mover): boolean {
    if (mover.sightings.some(({ rect }) => this.isPersonSized(rect))) return true;
    if (this.#scale.isLearned || mover.travelled === 0) return false;
    const tallest = mover.sightings.reduce((most, { rect }) => Math.max(most, heightOf(rect)), 0);
    const aspect = heightOf(mover.rect) / widthOf(mover.rect);
    return aspect > 1.2 && mover.travelled * this.#scale.heightAt(mover.rect.bottom) > tallest;
  }

  /** Whether they stay where they are: hardly stirring, or not getting anywhere. */
  stands(mover: Mover, t: number): boolean {
    if (mover.stir < STANDING_STIR && !this.isGroup(mover)) return true;
    const before = mover.sightings.find((sighting) => sighting.t >= t - SPEED_OVER_S);
    if (before === undefined || t - before.t < SPEED_OVER_S / 2) return false;
    const far = this.#scale.distance(footOf(before.rect), footOf(mover.rect));
    return far / (t - before.t) < STANDING_SPEED && mover.stir < STANDING_STIR;
  }

  /**
   * Whether they have got nowhere within the last `overS`, whatever they do there: who walks past in depth is near
   * for long, since far off a step is few pixels. Of a group nobody can tell.
   */
  staysAbout(mover: Mover, overS: number, t: number): boolean {
    if (mover.mergedT === mover.lastT) return true;
    const before = mover.sightings.find((sighting) => sighting.t >= t - overS);
    if (before === undefined || before.t === t) return true;
    return this.#scale.distance(footOf(before.rect), footOf(mover.rect)) < STANDING_SPEED * overS;
  }

  /** Whether they are lost because they walked out of the picture: one step more and they were at its edge. */
  hasWalkedOut(mover: Mover, t: number): boolean {
    const { rect, lastT, sightings } = mover;
    if (this.isLive(mover, t) || mover.stir < STANDING_STIR) return false;
    const before = sightings.find((sighting) => sighting.t >= lastT - SPEED_OVER_S);
    if (before === undefined || before.t === lastT) return false;
    const stepS = lastT - (sightings.at(-2)?.t ?? lastT);
    const after = (s: number): Rect => wentOn(before.rect, rect, s / (lastT - before.t));
    return this.touchesEdge(after(stepS)) && this.#isOutside(after(LOST_AFTER_S + stepS));
  }

  #isOutside({ left, top, right, bottom }: Rect): boolean {
    return left >= this.#width || top >= this.#height || right <= 0 || bottom <= 0;
  }

  /**
   * Whether people who walked in from elsewhere stand where `component` is: then it is a part of them. Somebody who
   * stands is often seen in pieces, none of which covers it alone.
   */
  isHeldBySomebody({ rect, cells }: Component, t: number): boolean {
    const holders = this.#movers.filter(
      (mover) =>
        this.isLive(mover, t) &&
        intersectionOf(mover.rect, rect) > 0 &&
        !isMuchOf(mover.cameFrom, rect) &&
        this.isPersonSized(mover.rect),
    );
    if (holders.length === 0) return false;
    const { columns } = this.#grid;
    let held = 0;
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] ?? 0;
      const row = Math.floor(cell / columns);
      if (holders.some((mover) => isIn(mover.rect, (cell - row * columns) * 2, row * 2))) held++;
    }
    return held >= MOSTLY * cells.length;
  }

  /** Wider than one person can be. */
  isGroup({ rect }: Mover): boolean {
    return widthOf(rect) > GROUP_WIDTH * this.#scale.heightAt(rect.bottom);
  }

  touchesEdge(rect: Rect): boolean {
    return (
      rect.left <= 2 || rect.top <= 2 || rect.right >= this.#width - 2 || rect.bottom >= this.#height - 2
    );
  }

  #see(mover: Mover, component: Component, t: number): void {
    mover.lastT = t;
    mover.rect = component.rect;
    mover.component = component;
    // Somebody's own pieces, followed apart for a while, are nobody else.
    if (mover.look.isKnown) this.#sharers.set(component, (this.#sharers.get(component) ?? 0) + 1);
    mover.sightings.push({ t, rect: component.rect });
    while ((mover.sightings[0]?.t ?? t) < t - HISTORY_S) mover.sightings.shift();
    const first = mover.sightings[0]?.rect ?? component.rect;
    const far = this.#scale.distance(footOf(first), footOf(component.rect));
    mover.travelled = Math.max(mover.travelled, far);
    this.#learnFrom(mover, t);
  }

  /** Learns how much it stirs and, when it stands apart, how it looks. */
  #look(mover: Mover, { data, background }: MoverPicture, t: number): void {
    const { cells } = mover.component;
    const { columns } = this.#grid;
    let moving = 0;
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] ?? 0;
      const row = Math.floor(cell / columns);
      moving += background.moving[row * 2 * this.#width + (cell - row * columns) * 2] ?? 0;
    }
    const dtS = mover.bornT === t ? STIR_TAU_S : Math.min(STIR_TAU_S, t - this.#lastT);
    mover.stir += (dtS / STIR_TAU_S) * (moving / cells.length - mover.stir);
    if ((this.#sharers.get(mover.component) ?? 0) > 1 || this.isGroup(mover)) mover.mergedT = t;
    else if (this.isPersonSized(mover.rect) && !this.touchesEdge(mover.rect)) {
      mover.look.see(mover.component, data, this.#width, this.#grid);
    }
  }

  /** Teaches the scale by people seen whole, walking, alone: upright, filled, away from the edges. */
  #learnFrom(mover: Mover, t: number): void {
    const { rect, component } = mover;
    const aspect = heightOf(rect) / widthOf(rect);
    if (aspect < 1.7 || aspect > 4.5 || this.touchesEdge(rect)) return;
    // A piece that came apart from somebody may be their reflection, their legs or their bag.
    if (mover.parent !== null) return;
    if (mover.taught >= MOST_LESSONS || t - mover.taughtT < LESSON_EVERY_S) return;
    if (mover.stir < STANDING_STIR || mover.mergedT >= t - 1) return;
    if (t - mover.bornT < 1 || mover.travelled < 0.4) return;
    if (component.areaPx < 0.35 * sizeOf(rect) || heightOf(rect) < 0.06 * this.#height) return;
    mover.taught++;
    mover.taughtT = t;
    this.#scale.learn(rect.bottom, heightOf(rect));
  }

  #begin(component: Component, live: readonly Mover[], t: number): void {
    if (this.#movers.length >= MAX_MOVERS) return;
    const parent = live.find((mover) => {
      const before = mover.sightings.at(-2)?.rect ?? mover.rect;
      return intersectionOf(grown(before, 4, this.#width, this.#height), component.rect) > 0;
    });
    this.#movers.push({
      id: this.#nextId++,
      parent: parent?.id ?? null,
      bornT: t,
      cameFrom: parent !== undefined && parent.stir < STANDING_STIR ? parent.cameFrom : component.rect,
      lastT: t,
      rect: component.rect,
      sightings: [{ t, rect: component.rect }],
      travelled: 0,
      component,
      look: new GreyLook(),
      stir: 1,
      mergedT: Number.NEGATIVE_INFINITY,
      taught: 0,
      taughtT: t,
    });
  }

  #forget(t: number): void {
    const owners = new Map<Component, Mover>();
    this.#movers = this.#movers.filter((mover) => {
      if (t - mover.lastT > HISTORY_S) return false;
      if (mover.lastT !== t) return true;
      const elder = owners.get(mover.component);
      if (elder === undefined) owners.set(mover.component, mover);
      return elder === undefined || t - mover.bornT < SHARED_S;
    });
  }
}

/** Whether more of the two than their margins is shared: outlines that only touch are those of two places. */
const isMuchOf = (a: Rect, b: Rect): boolean =>
  intersectionOf(a, b) > (1 - MOSTLY) * Math.min(sizeOf(a), sizeOf(b));

const isIn = ({ left, right, top, bottom }: Rect, x: number, y: number): boolean =>
  x >= left && x < right && y >= top && y < bottom;

function bestFor(mover: Mover, components: readonly Component[]): Component | null {
  let best: Component | null = null;
  let bestScore = 0.15;
  const ahead = predicted(mover);
  for (const component of components) {
    const shared = intersectionOf(ahead, component.rect);
    const score = shared / Math.sqrt(sizeOf(ahead) * sizeOf(component.rect));
    if (score <= bestScore) continue;
    best = component;
    bestScore = score;
  }
  return best;
}

/** Where the mover's rectangle will be if it goes on as between its last two sightings. */
function predicted(mover: Mover): Rect {
  const before = mover.sightings.at(-2);
  if (before === undefined) return mover.rect;
  const from = footOf(before.rect);
  const to = footOf(mover.rect);
  return moved(mover.rect, to.x - from.x, to.y - from.y);
}

/** Each side of an outline goes on as it did: of what is cut off by the edge, only the inner one moves. */
const wentOn = (from: Rect, to: Rect, by: number): Rect => ({
  left: to.left + by * (to.left - from.left),
  top: to.top + by * (to.top - from.top),
  right: to.right + by * (to.right - from.right),
  bottom: to.bottom + by * (to.bottom - from.bottom),
});

const moved = (rect: Rect, dx: number, dy: number): Rect => ({
  left: rect.left + dx,
  right: rect.right + dx,
  top: rect.top + dy,
  bottom: rect.bottom + dy,
});

/**
 * Distance on the ground from a mover's rectangle to a place, in person heights; measured from the nearest point
 * of the rectangle's lower edge, since a group is as near as its nearest member.
 */
export function groundDistance(scale: PersonScale, rect: Rect, place: Foot): number {
  const quarter = widthOf(rect) / 4;
  const x = Math.min(rect.right - quarter, Math.max(rect.left + quarter, place.x));
  return scale.distance({ x, y: rect.bottom }, place);
}
