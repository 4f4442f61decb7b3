import type { DualBackground } from '../background/background.ts';
import { CANDIDATE } from '../judgement/lifecycle.ts';
import type { Settings } from '../settings.ts';
import { type Component, type Grid, movedComponent, sharedCells } from './components.ts';
import { intersectionOf } from './rect.ts';
import type { StaticTrack } from './track.ts';

export type { Attendance, StaticTrack } from './track.ts';

const MAX_TRACKS = 100;
/** A place that looks like background this long is empty. */
const GONE_AFTER_S = 1;
/** A thing not reported that has been hidden for longer is given up. */
const HIDDEN_AFTER_S = 20;
const HIDDEN_MOST_S = 600;
/** Growing or shrinking beyond this factor is a split or a merge: the thing is judged anew. */
const SAME_SIZE = 2;
/** Larger than this many times its settled size it is touched by something. */
const GROWN = 1.3;
/** Its pixels become static one after another; after this long its size is known. */
const SETTLES_S = 2;
const RESIDUAL_TAU_S = 3;
/** Share of its pixels that move in somebody who keeps as still as they can. */
export const STIRS = 0.03;
/** Somebody who poses for a picture keeps still for some seconds, but sways a little all the while. */
const KEPT_STILL_S = 6;

/** What an update of the tracks found. */
export interface StaticChanges {
  /** No longer there; the reported ones among them matter. */
  readonly gone: readonly StaticTrack[];
}

/** Follows static components: the same thing stays the same track while people pass in front of it. */
export class Statics {
  readonly #grid: Grid;
  readonly #width: number;
  readonly #settings: Settings;
  readonly #labels: Int32Array;
  /** By label, used again for each track. */
  #shared = new Int32Array(64);
  readonly #met: number[] = [];
  #tracks: StaticTrack[] = [];
  #nextId = 1;
  /** What of the moves so far was less than a cell (pixels): many small ones must not be lost. */
  #rest = { dx: 0, dy: 0 };

  constructor(grid: Grid, width: number, settings: Settings) {
    this.#grid = grid;
    this.#width = width;
    this.#settings = settings;
    this.#labels = new Int32Array(grid.columns * grid.rows);
  }

  get bytes(): number {
    return this.#labels.byteLength;
  }

  get tracks(): readonly StaticTrack[] {
    return this.#tracks;
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** Goes on with these tracks; new ones are numbered from `nextId`. */
  restore(tracks: readonly StaticTrack[], nextId: number): void {
    this.#tracks = [...tracks];
    this.#nextId = nextId;
  }

  clear(): void {
    this.#tracks = [];
    this.#rest = { dx: 0, dy: 0 };
  }

  drop(track: StaticTrack): void {
    this.#tracks = this.#tracks.filter((other) => other !== track);
  }

  /** Moves the tracks with the background, by pixels; what leaves the picture is given up. */
  shift({ dx, dy }: { readonly dx: number; readonly dy: number }): void {
    const far = { dx: this.#rest.dx + dx, dy: this.#rest.dy + dy };
    const [columns, rows] = [Math.round(far.dx / 2), Math.round(far.dy / 2)];
    this.#rest = { dx: far.dx - 2 * columns, dy: far.dy - 2 * rows };
    this.#tracks = this.#tracks.filter((track) => {
      const moved = movedComponent(track.component, this.#grid, columns, rows);
      if (moved !== null) track.component = moved;
      return moved !== null;
    });
  }

  update(
    components: readonly Component[],
    background: DualBackground,
    t: number,
    dtS: number,
  ): StaticChanges {
    this.#label(components);
    const gone: StaticTrack[] = [];
    const taken = new Set<Component>();
    for (const track of this.#tracks) {
      const component = this.#match(track, components, taken);
      if (component !== null) this.#see(track, component, t);
      if (this.#observe(track, background, t, dtS, component !== null)) gone.push(track);
    }
    this.#tracks = this.#tracks.filter((track) => !gone.includes(track));
    for (const component of components) {
      if (!taken.has(component) && !this.coversReported(component)) this.#begin(component, t);
    }
    return { gone };
  }

  #label(components: readonly Component[]): void {
    this.#labels.fill(-1);
    components.forEach(({ cells }, index) => {
      for (let at = 0; at < cells.length; at++) this.#labels[cells[at] ?? 0] = index;
    });
  }

  /** The component that is this thing; one of another size that covers it takes an unreported track's place. */
  #match(track: StaticTrack, components: readonly Component[], taken: Set<Component>): Component | null {
    this.#countShares(track.component, components.length);
    let best: Component | null = null;
    let bestShare = 0;
    for (const label of this.#met) {
      const component = components[label];
      const share = this.#shared[label] ?? 0;
      if (component === undefined || share <= bestShare) continue;
      const smaller = Math.min(component.cells.length, track.component.cells.length);
      if (share < smaller * 0.5 || !isSameSize(component.areaPx, track.component.areaPx)) continue;
      if (!isSameSize(component.areaPx, track.settledAreaPx)) continue;
      best = component;
      bestShare = share;
    }
    if (best !== null) taken.add(best);
    return best;
  }

  /** How many cells `component` shares with each of the new components, and which these are. */
  #countShares({ cells }: Component, labels: number): void {
    if (this.#shared.length < labels) this.#shared = new Int32Array(labels * 2);
    const shared = this.#shared.fill(0, 0, labels);
    this.#met.length = 0;
    for (let at = 0; at < cells.length; at++) {
      const label = this.#labels[cells[at] ?? 0] ?? -1;
      if (label < 0) continue;
      if (shared[label] === 0) this.#met.push(label);
      shared[label] = (shared[label] ?? 0) + 1;
    }
  }

  #see(track: StaticTrack, component: Component, t: number): void {
    // What stood with it must not shrink to it little by little, and hand down its clock.
    if (t - track.restT < this.#settings.staticS + SETTLES_S) track.settledAreaPx = component.areaPx;
    // Nor must it creep into legs that stop beside it; what was reported keeps its outline for good.
    const isGrown = component.areaPx > GROWN * track.settledAreaPx;
    if (track.reportedAs === null && !isGrown) track.component = component;
    track.seenT = t;
  }

  /** Measures what happens in the track's place; true when the thing is no longer there. */
  #observe(track: StaticTrack, background: DualBackground, t: number, dtS: number, isSeen: boolean): boolean {
    const { foreground, moving } = this.#shares(track.component, background);
    if (isSeen && moving < 0.3) {
      track.residualMotion += Math.min(1, dtS / RESIDUAL_TAU_S) * (moving - track.residualMotion);
      if (track.residualMotion >= STIRS) track.stillT = null;
      else track.stillT ??= t;
      if (track.stillT !== null && t - track.stillT >= KEPT_STILL_S) track.hasKeptStill = true;
    }
    if (foreground >= 0.35) track.goneT = null;
    else track.goneT ??= t;
    if (track.goneT !== null && t - track.goneT >= GONE_AFTER_S) return true;
    return track.reportedAs === null && t - track.seenT > this.#hiddenForS(track);
  }

  /**
   * How long it may be out of sight before it is given up. While its clock runs it may be so for as long as the
   * clock: somebody who stops in front of it, or a queue, must not start the clock anew.
   */
  #hiddenForS(track: StaticTrack): number {
    if (track.life.phase === 'unattended')
      return Math.max(HIDDEN_AFTER_S, Math.min(track.dwellS, HIDDEN_MOST_S));
    return this.#isReplaced(track) ? 1 : HIDDEN_AFTER_S;
  }

  /** Whether its place now belongs to a static component of another size. */
  #isReplaced(track: StaticTrack): boolean {
    let covered = 0;
    for (const cell of track.component.cells) if ((this.#labels[cell] ?? -1) >= 0) covered++;
    return covered > 0.5 * track.component.cells.length;
  }

  #shares({ cells, areaPx }: Component, { foreground, moving }: DualBackground) {
    const width = this.#width;
    const { columns } = this.#grid;
    let [news, moves] = [0, 0];
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] ?? 0;
      const row = Math.floor(cell / columns);
      const i = row * 2 * width + (cell - row * columns) * 2;
      news += of2x2(foreground, i, width);
      moves += of2x2(moving, i, width);
    }
    return { foreground: news / areaPx, moving: moves / areaPx };
  }

  /** Whether something reported already stands there: it must not become a second object. */
  coversReported(component: Component): boolean {
    return this.#tracks.some((track) => {
      if (track.reportedAs === null) return false;
      if (intersectionOf(track.component.rect, component.rect) === 0) return false;
      const shared = sharedCells(track.component, component);
      return shared > 0.3 * Math.min(component.cells.length, track.component.cells.length);
    });
  }

  #begin(component: Component, t: number): void {
    if (this.#tracks.length >= MAX_TRACKS) return;
    this.#tracks.push({
      id: this.#nextId++,
      component,
      settledAreaPx: component.areaPx,
      tracedAreaPx: component.areaPx,
      restT: Math.max(0, t - this.#settings.staticS),
      seenT: t,
      goneT: null,
      residualMotion: 0,
      stillT: null,
      hasKeptStill: false,
      clearS: 0,
      somebodyS: 0,
      stoodOver: 0,
      overT: Number.NEGATIVE_INFINITY,
      attendance: null,
      isCutOut: false,
      isGhostly: false,
      life: CANDIDATE,
      objectId: null,
      reportedAs: null,
      look: null,
      score: 0,
      dwellS: Number.POSITIVE_INFINITY,
      advice: null,
    });
  }
}

/** Added up over the 2×2 pixels from `i` on. */
function of2x2(mask: Uint8Array, i: number, width: number): number {
  return (mask[i] ?? 0) + (mask[i + 1] ?? 0) + (mask[i + width] ?? 0) + (mask[i + width + 1] ?? 0);
}

function isSameSize(aPx: number, bPx: number): boolean {
  const ratio = aPx / bPx;
  return ratio <= SAME_SIZE && ratio >= 1 / SAME_SIZE;
}
