import type { TailgatingWatch, WatchReport } from '#agent/ports/vision-watches.ts';
import type { Mover } from '../tracking/movers.ts';
import { type Foot, footOf, heightOf, widthOf } from '../tracking/rect.ts';
import { DoorLine, type Side } from './door-line.ts';
import type { PersonShape } from './person-shape.ts';
import { Release } from './release.ts';
import { drawnAt, type WatchedScene } from './scene.ts';

/** Feet this near the line (person heights) are on neither side, so that who hesitates crosses once. */
const MARGIN = 0.1;
/** Smaller than this part of a person is a leg or a shadow. */
const LEAST_PERSON = 0.35;
/** Counts of heads are taken over this long before the crossing; who is followed apart for this long is somebody. */
const HEADCOUNT_S = 1.2;
const APART_S = 0.5;
/** Two who are seen apart so soon after they crossed as one did cross as two. */
const SPLIT_WITHIN_S = 3;
/** By area, more than this is two: a person with a coat and a bag is less, two half behind one another more. */
const TWO_BY_AREA = 1.45;
/** Wider than a person in full stride, or taller than one (person heights). */
const TWO_WIDE = 0.55;
const TWO_TALL = 1.2;
const FORGOTTEN_AFTER_S = 10;

/** What is remembered of a mover near the door. */
interface Passer {
  readonly id: number;
  readonly parent: number | null;
  side: Side | null;
  /** Where it was last clearly on its side. */
  foot: Foot;
  seenT: number;
  apartS: number;
  readonly headcounts: { readonly t: number; readonly people: number }[];
  /** With whom it came in, how many those are, and when; null while it has not. */
  party: { people: number; readonly t: number } | null;
  /** It has shown by splitting from this one that they crossed together. */
  hasSplit: boolean;
  /** How far beyond the line it was when first seen, and is now (pixels). */
  readonly bornBeyondPx: number;
  beyondPx: number;
}

/** Tells when more people come in through a door than it was released for. Follows nobody beyond the door. */
export class Tailgating {
  readonly #watch: TailgatingWatch;
  readonly #line: DoorLine;
  readonly #shape: PersonShape;
  #passers: Passer[] = [];
  #release: Release | null = null;
  /** Counted by their looks with somebody before them, and not seen crossing by themselves yet. */
  #foretold = { people: 0, t: 0 };
  #lastT = 0;

  constructor(watch: TailgatingWatch, shape: PersonShape) {
    this.#watch = watch;
    this.#line = new DoorLine(watch.line);
    this.#shape = shape;
  }

  /** The door behind `input` was released now. */
  release(input: string, t: number): void {
    if (input === this.#watch.input) this.#open(t);
  }

  /** Takes in a scene whose movers were just brought up to date. */
  look(view: WatchedScene): WatchReport[] {
    const { t } = view;
    const dtS = Math.min(1, Math.max(0, t - this.#lastT));
    this.#lastT = t;
    if (this.#release?.isOver(t) === true) this.#release = null;
    const crossed: { mover: Mover; passer: Passer }[] = [];
    for (const mover of view.movers) {
      if (mover.lastT !== t) continue;
      const passer = this.#passerOf(mover, view);
      if (this.#follow(passer, mover, view, dtS)) crossed.push({ mover, passer });
    }
    const reports = [...this.#groups(crossed), ...this.#splits()].flatMap((people) => this.#count(people, t));
    this.#passers = this.#passers.filter(({ seenT }) => t - seenT < FORGOTTEN_AFTER_S);
    return reports;
  }

  /** Stream time begins again. */
  restart(): void {
    this.#passers = [];
    this.#release = null;
    this.#foretold = { people: 0, t: 0 };
    this.#lastT = 0;
  }

  /** Brings what is known of a mover up to date; true when it came in just now. */
  #follow(passer: Passer, mover: Mover, view: WatchedScene, dtS: number): boolean {
    const { t, width, height } = view;
    const foot = drawnAt(footOf(mover.rect), view);
    const byArea = this.#shape.peopleIn(mover.component.areaPx, mover.rect.bottom, view);
    passer.seenT = t;
    passer.beyondPx = this.#line.beyond(foot, width, height);
    if (byArea < LEAST_PERSON) return false;
    if (!isShared(mover, view)) passer.apartS += dtS;
    passer.headcounts.push({ t, people: headcount(mover, byArea, view) });
    while ((passer.headcounts[0]?.t ?? t) < t - HEADCOUNT_S) passer.headcounts.shift();
    const marginPx = MARGIN * view.scale.heightAt(mover.rect.bottom);
    const side = this.#line.sideOf(foot, width, height, marginPx);
    if (side === null || this.#isMeeting(passer, mover, view)) return false;
    const hasChanged = passer.side !== null && passer.side !== side;
    const isPassage = hasChanged && this.#line.isPassedBy(passer.foot, foot, width, height, marginPx);
    passer.side = side;
    passer.foot = foot;
    if (isPassage && side === 'left') this.#takeBack(passer, t);
    return isPassage && side === 'right' && passer.party === null;
  }

  /** How many came in with each component: as many as were followed apart, or as many as it looks like. */
  #groups(crossed: readonly { mover: Mover; passer: Passer }[]): number[] {
    const components = new Set(crossed.map(({ mover }) => mover.component));
    return [...components].map((component) => {
      const group = crossed.filter(({ mover }) => mover.component === component).map(({ passer }) => passer);
      const apart = group.filter(({ apartS }) => apartS >= APART_S).length;
      const people = Math.max(1, apart, ...group.map(({ headcounts }) => medianPeople(headcounts)));
      const party = { people, t: this.#lastT };
      for (const passer of group) passer.party = party;
      return this.#beyondForetold(people, group.length);
    });
  }

  /** Those of `people` who were not counted before; who is counted by looks alone is expected to follow. */
  #beyondForetold(people: number, followed: number): number {
    const isFresh = this.#lastT - this.#foretold.t <= SPLIT_WITHIN_S;
    const known = isFresh ? Math.min(people, this.#foretold.people) : 0;
    const ahead = (isFresh ? this.#foretold.people : 0) - known + Math.max(0, people - followed);
    this.#foretold = { people: ahead, t: this.#lastT };
    return people - known;
  }

  /** In one component with somebody from the other side: whose feet they are cannot be told until they part. */
  #isMeeting({ side }: Passer, mover: Mover, view: WatchedScene): boolean {
    return view.movers.some((other) => {
      if (other === mover || other.lastT !== view.t || other.component !== mover.component) return false;
      const otherSide = this.#passers.find(({ id }) => id === other.id)?.side ?? null;
      return side !== null && otherSide !== null && otherSide !== side;
    });
  }

  /** Those who turn out, soon after, to have come in behind somebody else as one with them. */
  #splits(): number[] {
    return this.#passers.flatMap((child) => {
      const parent = this.#passers.find(({ id }) => id === child.parent);
      if (parent === undefined || child.hasSplit || child.apartS < APART_S || child.side !== 'right')
        return [];
      child.hasSplit = true;
      const { party } = parent;
      if (party === null || party.people !== 1 || child.party !== null) return [];
      const isLate = this.#lastT - party.t > SPLIT_WITHIN_S + APART_S;
      if (isLate || child.beyondPx <= child.bornBeyondPx) return [];
      party.people = 2;
      child.party = party;
      return [this.#beyondForetold(1, 1)];
    });
  }

  #count(people: number, t: number): WatchReport[] {
    if (people === 0) return [];
    if (this.#release === null && this.#watch.input === undefined) this.#open(t);
    const crossings = this.#release?.count(people) ?? null;
    if (crossings === null) return [];
    const { name } = this.#watch;
    return [{ kind: 'watch', watch: 'tailgating', state: 'began', name, t, crossings }];
  }

  /** Who came in has gone out again. */
  #takeBack(passer: Passer, t: number): void {
    const { party } = passer;
    passer.party = null;
    if (party === null || party.people === 0) return;
    party.people--;
    if (this.#release?.isOver(t) === false) this.#release.count(-1);
  }

  #open(t: number): void {
    const until = t + this.#watch.releaseS;
    if (this.#release === null || this.#release.isOver(t)) this.#release = new Release(until);
    else this.#release.extend(until);
  }

  #passerOf({ id, parent, rect }: Mover, view: WatchedScene): Passer {
    const known = this.#passers.find((passer) => passer.id === id);
    if (known !== undefined) return known;
    const state = {
      side: null,
      seenT: 0,
      apartS: 0,
      headcounts: [],
      party: null,
      hasSplit: false,
    };
    const foot = drawnAt(footOf(rect), view);
    const beyondPx = this.#line.beyond(foot, view.width, view.height);
    const passer: Passer = { id, parent, foot, bornBeyondPx: beyondPx, beyondPx, ...state };
    this.#passers.push(passer);
    return passer;
  }
}

const isShared = (mover: Mover, view: WatchedScene): boolean =>
  view.movers.some(
    (other) => other !== mover && other.lastT === view.t && other.component === mover.component,
  );

/** Two side by side are wider than one, two behind one another taller; both have more area than one. */
function headcount({ rect }: Mover, byArea: number, view: WatchedScene): number {
  const person = view.scale.heightAt(rect.bottom);
  const isLarge = widthOf(rect) > TWO_WIDE * person || heightOf(rect) > TWO_TALL * person;
  if (!isLarge || byArea < TWO_BY_AREA) return 1;
  return Math.max(2, Math.round(byArea));
}

function medianPeople(headcounts: readonly { readonly people: number }[]): number {
  const sorted = headcounts.map(({ people }) => people).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 1;
}
