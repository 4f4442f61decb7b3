import type { SceneView } from '../scene-view.ts';
import type { Settings } from '../settings.ts';
import { groundDistance } from '../tracking/movers.ts';
import { footOf, type Rect } from '../tracking/rect.ts';
import type { Alignment } from './alignment.ts';
import type { Candidate } from './candidate.ts';
import { boundsOf, type Difference, inPixels } from './differences.ts';
import type { CellGrid } from './edge-map.ts';

/** So much of a candidate must be free to be seen before anything is said of it. */
const LEAST_FREE = 0.6;
/** Of what can be seen of it: as much is there, as little is not. */
const THERE = 0.5;
const NOT_THERE = 0.3;
/** Looks in a row without it before it is gone, and with it before it counts. */
const GONE_LOOKS = 4;
const SEEN_LOOKS = 3;
/** One look in three that doubts is too many. */
const DOUBTFUL = 3;

/** What one look makes of a candidate. */
export type Sight = 'seen' | 'gone' | 'unclear';

/** A candidate during one stay. Times in seconds of stream time. */
export class Presence {
  readonly candidate: Candidate;
  /** Cells of now. */
  cells: readonly number[] = [];
  /** In pixels. */
  rect: Rect = { left: 0, top: 0, right: 0, bottom: 0 };
  seenLooks = 0;
  looks = 0;
  /** Looks that took it for light, or for something known seen from elsewhere. */
  doubts = 0;
  aloneS = 0;
  /** How far the nearest person is, in person heights; null where there is nobody. */
  nearestDistance: number | null = null;
  readonly grid: CellGrid;
  #goneLooks = 0;
  #nearS = 0;

  constructor(candidate: Candidate, grid: CellGrid) {
    this.candidate = candidate;
    this.grid = grid;
  }

  get isSeen(): boolean {
    return this.seenLooks >= SEEN_LOOKS;
  }

  get isDoubtful(): boolean {
    return DOUBTFUL * this.doubts > this.seenLooks;
  }

  get isGone(): boolean {
    return this.#goneLooks >= GONE_LOOKS;
  }

  /** Whether somebody is with it now: then it cannot be reported. */
  get isAttended(): boolean {
    return this.aloneS === 0;
  }

  /** Where it must be in the view of now. */
  place(alignment: Alignment): void {
    this.cells = this.candidate.cells.flatMap((cell) => {
      const now = alignment.fromReference(cell);
      return now < 0 ? [] : [now];
    });
    this.rect = inPixels(boundsOf(this.cells, this.grid), this.grid);
  }

  /** One look, `dtS` after the last; `people` are differences that may be somebody who stands. */
  look(sight: Sight, view: SceneView, people: readonly Difference[], settings: Settings, dtS: number): void {
    this.looks++;
    if (sight === 'gone') this.#goneLooks++;
    if (sight !== 'seen') return;
    this.#goneLooks = 0;
    this.seenLooks++;
    this.#attend(view, people, settings, dtS);
  }

  /** Who passes does not stop the clock; who stays for `returnS`, or stood here from the first, does. */
  #attend(view: SceneView, people: readonly Difference[], settings: Settings, dtS: number): void {
    const foot = footOf(this.rect);
    const movers = view.movers.map(({ rect }) => groundDistance(view.scale, rect, foot));
    const standing = people.map(({ rect }) => groundDistance(view.scale, rect, foot));
    this.nearestDistance = movers.length + standing.length === 0 ? null : Math.min(...movers, ...standing);
    const isNear = movers.some((distance) => distance <= settings.attendanceRadius);
    this.#nearS = isNear ? this.#nearS + dtS : 0;
    const isWithSomebody =
      this.#nearS >= settings.returnS || standing.some((distance) => distance <= settings.attendanceRadius);
    this.aloneS = isWithSomebody ? 0 : this.aloneS + dtS;
  }
}

/** Whether what is new now has the edges of a candidate at `cells`. */
export function sightOf(
  cells: readonly number[],
  novel: Uint8Array,
  known: Uint8Array,
  columns: number,
): Sight {
  let free = 0;
  let there = 0;
  for (const cell of cells) {
    if (known[cell] !== 1) continue;
    free++;
    if (hasNear(novel, cell, columns)) there++;
  }
  if (cells.length === 0 || free < LEAST_FREE * cells.length) return 'unclear';
  if (there >= THERE * free) return 'seen';
  return there < NOT_THERE * free ? 'gone' : 'unclear';
}

function hasNear(marks: Uint8Array, cell: number, columns: number): boolean {
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) if (marks[cell + dy * columns + dx] === 1) return true;
  }
  return false;
}
