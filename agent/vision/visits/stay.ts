import type { VisitReport } from '#agent/ports/vision-pose.ts';
import { LEVEL } from '../background/background.ts';
import type { Detection } from '../judgement/detection.ts';
import type { SceneView } from '../scene-view.ts';
import type { Settings } from '../settings.ts';
import { footOf, grown, intersectionOf, type Rect } from '../tracking/rect.ts';
import type { ZoneAnswer } from '../zones/zone-map.ts';
import { type Alignment, unmoved } from './alignment.ts';
import { type Candidate, isSecondVisit, overlapOf } from './candidate.ts';
import { Comparison } from './comparison.ts';
import { type Difference, differencesOf } from './differences.ts';
import { type EdgeMap, edgeMapOf } from './edge-map.ts';
import type { Place } from './place.ts';
import { Presence, sightOf } from './presence.ts';
import { knownCells, lightOf, StayRecord } from './stay-record.ts';
import { goneOf, leftOf } from './visit-detection.ts';

export interface StayOptions {
  readonly place: Place;
  readonly settings: Settings;
  /** Above this row (pixels) nothing is compared. */
  readonly nearRow: number;
  readonly zoneAt: (foot: { x: number; y: number }) => ZoneAnswer;
  readonly newObjectId: () => string;
}

/** How often the view is compared (seconds). */
const LOOK_EVERY_S = 1;
/** A view that cannot be brought into line in so many looks is another one: people may be in the way at first. */
const TRIES = 5;
/** Two outlines of which this share lies on each other are one thing. */
const SAME = 0.5;
/** A difference with fewer cells than this share of a candidate's shows what of it was somebody else. */
const SMALLER = 0.7;
/** Nearer to a reported thing than this (cells), a difference is a part of it. */
const PART_CELLS = 4;
/** Seconds alone before what was there at an earlier visit is reported. */
const ALONE_AGAIN_S = 2;

/** One stay at a place: looks around once a second, and tells what was not there at the visits before. */
export class Stay {
  readonly place: Place;
  readonly #options: StayOptions;
  readonly #record: StayRecord;
  readonly #comparison: Comparison | null;
  readonly #visitsBefore: number;
  /** Told in this stay, sent or about to be. */
  readonly #told = new Set<Candidate>();
  #alignment: Alignment | null = null;
  #presences: Presence[];
  #tries = 0;
  #lookedT = Number.NEGATIVE_INFINITY;
  #light = 0;
  #t = 0;

  constructor(options: StayOptions) {
    const { place } = options;
    this.#options = options;
    this.place = place;
    this.#record = new StayRecord(place.grid);
    this.#visitsBefore = place.visits;
    this.#comparison = place.layers.length === 0 ? null : new Comparison(place.layers);
    this.#presences = place.candidates.map((candidate) => new Presence(candidate, place.grid));
  }

  get isDisplaced(): boolean {
    return this.#tries >= TRIES;
  }

  /** Takes in what the detector made of the next picture; answers what comparing has made certain. */
  look(view: SceneView, nowMs: number): Detection[] {
    const dtS = view.t - this.#lookedT;
    if (!view.isJudged || this.isDisplaced || dtS + 1e-6 < LOOK_EVERY_S) return [];
    this.#lookedT = view.t;
    this.#t = view.t;
    const now = edgeMapOf(view.background.short, LEVEL, view.width, this.place.grid);
    const known = knownCells(view, this.place.grid);
    const alignment = this.#align(now, known);
    if (alignment === null) return [];
    this.#record.add(now, known);
    this.#light = lightOf(view.background.short, LEVEL);
    if (this.#comparison === null) return [];
    const { fresh, novel } = this.#comparison.novelty(now, known, alignment);
    const { scale } = view;
    const found = differencesOf(novel, now, known, this.#comparison, alignment, scale, {
      ...this.#options.settings,
      nearRow: this.#options.nearRow,
    });
    this.#notice(found, alignment, nowMs);
    return this.#judge(view, found, fresh, known, nowMs, Math.min(LOOK_EVERY_S * 2, dtS));
  }

  /** Remembers what the detector saw being left here, so that it is not new at the next visit. */
  adopt(detection: Detection, view: SceneView, nowMs: number): void {
    if (this.isDisplaced) return;
    const now = edgeMapOf(view.background.short, LEVEL, view.width, this.place.grid);
    const all = new Uint8Array(now.strength.length).fill(1);
    const alignment = this.#align(now, all);
    if (alignment === null) return;
    const fresh = this.#comparison?.novelty(now, all, alignment).fresh ?? now.strength;
    const { columns, cellPx } = this.place.grid;
    const cells = new Set<number>();
    for (const cell of detection.component.cells) {
      const x = Math.floor(((cell % view.grid.columns) * 2) / cellPx);
      const y = Math.floor((Math.floor(cell / view.grid.columns) * 2) / cellPx);
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const at = (y + dy) * columns + x + dx;
          const reference = (fresh[at] ?? 0) > 0 ? alignment.toReference(at) : -1;
          if (reference >= 0) cells.add(reference);
        }
      }
    }
    const candidate: Candidate = {
      cells: [...cells],
      kind: 'thing',
      objectId: detection.objectId,
      isUnsent: true,
      firstMs: nowMs,
      lastMs: nowMs,
      visits: 0,
    };
    this.#told.add(candidate);
    this.place.candidates.push(candidate);
    this.#presences.push(new Presence(candidate, this.place.grid));
  }

  /** Whatever was reported under this id is gone. */
  forget(objectId: string): void {
    const gone = this.place.candidates.filter((candidate) => candidate.objectId === objectId);
    this.place.departing.push(...gone);
    this.#drop((candidate) => candidate.objectId === objectId);
  }

  /** The id under which a thing that shares most of a rectangle was reported here; null where none was. */
  reportedAt({ rect: { left, top, right, bottom } }: { readonly rect: Rect }): string | null {
    const hit = this.#presences.find(({ candidate, rect }) => {
      if (candidate.objectId === null) return false;
      const width = Math.min(right, rect.right) - Math.max(left, rect.left);
      const height = Math.min(bottom, rect.bottom) - Math.max(top, rect.top);
      const smaller = Math.min(
        (right - left) * (bottom - top),
        (rect.right - rect.left) * (rect.bottom - rect.top),
      );
      return width > 0 && height > 0 && width * height > SAME * smaller;
    });
    return hit?.candidate.objectId ?? null;
  }

  /** What touches a reported thing is a part of it that was cut off, or lies on it. */
  #isPartOfReported({ rect }: Presence): boolean {
    const { columns, rows, cellPx } = this.place.grid;
    const near = grown(rect, PART_CELLS * cellPx, columns * cellPx, rows * cellPx);
    return this.#presences.some(
      (other) => other.candidate.objectId !== null && intersectionOf(near, other.rect) > 0,
    );
  }

  /** Ends the stay: the place learns what was there, and the report says what it came to. Null: seen too little. */
  leave(nowMs: number): VisitReport | null {
    const { waypoint } = this.place;
    const report = { kind: 'visit' as const, waypoint, t: this.#t };
    if (this.isDisplaced) {
      this.place.displaced++;
      return { ...report, outcome: 'displaced', shiftPx: 0, candidates: 0 };
    }
    const edges = this.#record.edges();
    if (this.#alignment === null || edges === null) return null;
    const { dx, dy } = this.#alignment.shift;
    const seen = this.#presences.filter((presence) => presence.isSeen);
    for (const { candidate } of seen) {
      candidate.visits++;
      candidate.lastMs = nowMs;
    }
    this.#drop(
      (candidate, presence) => candidate.visits === 0 && candidate.objectId === null && !presence?.isSeen,
    );
    this.place.displaced = 0;
    this.place.learn(edges, this.#alignment, this.#light, nowMs);
    const candidates = seen.filter(({ candidate }) => mayBeThing(candidate)).length;
    const isFirst = this.#visitsBefore < 2;
    return {
      ...report,
      outcome: isFirst ? 'first' : candidates > 0 ? 'changed' : 'unchanged',
      shiftPx: Math.hypot(dx, dy) * (320 / this.place.grid.columns),
      candidates,
    };
  }

  /** How the view lies on the reference, once that is certain. */
  #align(now: EdgeMap, known: Uint8Array): Alignment | null {
    if (this.#alignment !== null) return this.#alignment;
    const alignment = this.place.align(now, known) ?? unmoved(this.place.grid);
    if (!alignment.isInLine) {
      this.#tries++;
      return null;
    }
    this.#alignment = alignment;
    for (const presence of this.#presences) presence.place(alignment);
    return alignment;
  }

  /** New differences become candidates; those of which only part is left now are cut to that part. */
  #notice(found: readonly Difference[], alignment: Alignment, nowMs: number): void {
    for (const { kind, cells } of found) {
      if (kind === 'line' || kind === 'far') continue;
      const there = cells.flatMap((cell) => {
        const at = alignment.toReference(cell);
        return at < 0 ? [] : [at];
      });
      const known = this.#presences.filter(
        ({ candidate }) => overlapOf(candidate.cells, there, this.place.grid.columns) >= SAME,
      );
      if (kind === 'light' || kind === 'parallax') {
        for (const presence of known) presence.doubts++;
        continue;
      }
      for (const presence of known) {
        const { candidate } = presence;
        if (candidate.objectId !== null || there.length >= SMALLER * candidate.cells.length) continue;
        candidate.cells = there;
        candidate.kind = kind;
        presence.place(alignment);
      }
      if (known.length > 0) continue;
      const candidate: Candidate = {
        cells: there,
        kind,
        objectId: null,
        firstMs: nowMs,
        lastMs: nowMs,
        visits: 0,
      };
      const presence = new Presence(candidate, this.place.grid);
      presence.place(alignment);
      this.place.candidates.push(candidate);
      this.#presences.push(presence);
    }
  }

  #judge(
    view: SceneView,
    found: readonly Difference[],
    fresh: Uint8Array,
    known: Uint8Array,
    nowMs: number,
    dtS: number,
  ): Detection[] {
    const people = found.filter(({ kind }) => kind === 'person' || kind === 'large');
    const told: Detection[] = [];
    for (const presence of [...this.#presences]) {
      const sight = sightOf(presence.cells, fresh, known, this.place.grid.columns);
      presence.look(sight, view, people, this.#options.settings, dtS);
      const { candidate } = presence;
      if (presence.isGone) {
        this.#drop((other) => other === candidate);
        if (candidate.objectId === null) continue;
        this.place.departing.push(candidate);
        told.push(goneOf(presence, candidate.objectId, view));
      } else if (this.#isDue(presence, nowMs)) {
        candidate.objectId ??= this.#options.newObjectId();
        candidate.isUnsent = true;
        this.#told.add(candidate);
        told.push(leftOf(presence, candidate.objectId, this.#visitsBefore, view, nowMs));
      }
    }
    return told;
  }

  /** Alone for the dwell time here and now; or there at an earlier visit already. */
  #isDue(presence: Presence, nowMs: number): boolean {
    const { candidate, aloneS } = presence;
    if (!presence.isSeen || presence.isAttended || presence.isDoubtful) return false;
    if (candidate.objectId !== null) return this.#isUnsent(candidate) && aloneS >= ALONE_AGAIN_S;
    if (!mayBeThing(candidate)) return false;
    if (this.#isPartOfReported(presence)) return false;
    const { isWatched, dwellS } = this.#options.zoneAt(footOf(presence.rect));
    if (!isWatched) return false;
    if (isSecondVisit(candidate, nowMs, dwellS) && aloneS >= ALONE_AGAIN_S) return true;
    return candidate.kind === 'thing' && aloneS >= dwellS;
  }

  /** A process before this one was about to report it. */
  #isUnsent(candidate: Candidate): boolean {
    return candidate.isUnsent === true && !this.#told.has(candidate);
  }

  #drop(isDropped: (candidate: Candidate, presence: Presence | undefined) => boolean): void {
    const of = (candidate: Candidate) => this.#presences.find((presence) => presence.candidate === candidate);
    this.place.candidates = this.place.candidates.filter((candidate) => !isDropped(candidate, of(candidate)));
    this.#presences = this.#presences.filter(({ candidate }) => this.place.candidates.includes(candidate));
  }
}

const mayBeThing = ({ kind }: Candidate): boolean => kind === 'thing' || kind === 'flat';
