import type { DualBackground } from '../background/background.ts';
import { heal, healGhost, revealedShare } from '../background/healing.ts';
import type { Settings } from '../settings.ts';
import type { Grid } from '../tracking/components.ts';
import type { Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { footOf } from '../tracking/rect.ts';
import type { Appearance, StaticTrack } from '../tracking/track.ts';
import type { ZoneMap } from '../zones/zone-map.ts';
import { glanceAt, lookedCloser } from './appearance.ts';
import type { Attendants } from './attendance.ts';
import { CANDIDATE } from './lifecycle.ts';
import { type Figure, personScore, SOMEBODY_AFTER_S } from './scores.ts';
import { figureOf, isGhost, type Verdict, verdictOn } from './verdict.ts';

/** What is known of the scene when a track is judged. */
export interface JudgeScene {
  readonly background: DualBackground;
  readonly grid: Grid;
  readonly width: number;
  readonly minAreaPx: number;
  readonly movers: Movers;
  readonly scale: PersonScale;
  readonly attendants: Attendants;
  readonly zones: ZoneMap;
}

/**
 * What one look at a track has come to: it may be reported as soon as it is due, it must wait, or it is nothing and
 * its place has become background.
 */
export type Finding =
  | { readonly kind: 'proven'; readonly score: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'dismissed' };

const WAIT: Finding = { kind: 'wait' };
const DISMISSED: Finding = { kind: 'dismissed' };

/** A static thing that is no luggage becomes background after this long with nobody around it. */
const ABSORB_AFTER_S = 90;
/** Somebody who stands or sits there may stay; absorbed, they would be a ghost when they go. */
const ABSORB_PERSON_AFTER_S = 600;
const WAIT_FOR_VIEW_S = 5;
/** Waited for longer where nobody was seen walking off. */
const UNSEEN_LEAVING_S = 10;
/** Share of a thing that must be floor come to light. */
const MOSTLY_REVEALED = 0.5;
/** Alone this long, or for its dwell time, it is tested: what is nothing need not wait for a long dwell time. */
const TEST_AFTER_S = 10;

/** Judges static tracks one by one: ghost, person, light, size, who brought it. */
export class Judge {
  readonly #scene: JudgeScene;
  readonly #settings: Settings;
  /** Called with every verdict: for tuning and tests. */
  onVerdict: ((track: StaticTrack, verdict: Verdict, t: number) => void) | null = null;

  constructor(scene: JudgeScene, settings: Settings) {
    this.#scene = scene;
    this.#settings = settings;
  }

  /** Looks at `track`, seen just now and not reported; `dtS` since the look before. */
  judge(track: StaticTrack, t: number, dtS: number): Finding {
    const { background, width, grid } = this.#scene;
    const look = glanceAt(track.component, background, width, grid);
    track.look = look;
    // A part of somebody who walked in and stands there is no ghost, however faint they are.
    const isHeld = this.#scene.movers.isHeldBySomebody(track.component, t);
    const isLonely = !isHeld && look.ringForeground < this.#settings.healRingForeground;
    track.isGhostly = !isHeld && !track.isCutOut && this.#isEarlyGhost(track, look, isLonely);
    const restedS = t - track.restT;
    if (personScore(figureOf(track, this.#scene.scale), this.#settings) > 0.5) track.somebodyS += dtS;
    if (track.isGhostly && restedS >= this.#settings.earlyHealAfterS) return this.#healGhost(track, t);
    const zone = this.#scene.zones.at(footOf(track.component.rect));
    track.dwellS = zone.isWatched ? zone.dwellS : Number.POSITIVE_INFINITY;
    const aloneT = track.attendance?.leftT ?? null;
    const isClear = look.ringForeground < this.#settings.crowdedRingForeground;
    if (aloneT === null) track.clearS = 0;
    else if (isClear) track.clearS += dtS;
    if (aloneT === null || track.attendance?.nearT === t || !isClear) return WAIT;
    if (t - aloneT < Math.min(TEST_AFTER_S, track.dwellS)) return WAIT;
    return this.#tested(track, look, t, t - aloneT, isLonely);
  }

  /** Whether the track stands for a thing, not for somebody who stands there and may attend to something. */
  isThing(track: StaticTrack): boolean {
    if (track.reportedAs !== null || track.isGhostly) return true;
    if ((track.attendance?.leftT ?? null) === null) return false;
    if (track.look !== null && isGhost(track.look, this.#settings)) return true;
    return !this.#isSomebody(track);
  }

  /** Looks like a person, or did so for a while as a whole: of somebody who stands, often only a part is seen. */
  #isSomebody(track: StaticTrack): boolean {
    if (track.somebodyS >= SOMEBODY_AFTER_S) return true;
    return personScore(figureOf(track, this.#scene.scale), this.#settings) > 0.5;
  }

  #tested(track: StaticTrack, glance: Appearance, t: number, aloneS: number, isLonely: boolean): Finding {
    const { movers, scale } = this.#scene;
    const isCut = movers.touchesEdge(track.component.rect);
    const figure = figureOf(track, scale);
    const look = this.#lookedCloser(track, glance, figure);
    const shaped = verdictOn(track, look, figure, this.#settings, isCut);
    const isPart = shaped.kind === 'object' && this.#isSomebody(track);
    const verdict: Verdict = isPart ? { kind: 'person' } : shaped;
    this.onVerdict?.(track, verdict, t);
    if (verdict.kind === 'object') return this.#proven(track, t, aloneS, verdict.score);
    if (!isLonely) return WAIT;
    if (verdict.kind === 'ghost') return this.#healGhost(track, t);
    const isNothing = verdict.kind === 'lighting' || verdict.kind === 'unbrought';
    const absorbAfterS = verdict.kind === 'person' ? ABSORB_PERSON_AFTER_S : ABSORB_AFTER_S;
    return isNothing || t - track.restT > absorbAfterS ? this.#heal(track) : WAIT;
  }

  /** Somebody is told by their figure alone. */
  #lookedCloser(track: StaticTrack, glance: Appearance, figure: Figure): Appearance {
    if (personScore(figure, this.#settings) > 0.5) return glance;
    const { background, width, grid } = this.#scene;
    track.look = lookedCloser(glance, track.component, background, width, grid);
    return track.look;
  }

  #proven(track: StaticTrack, t: number, aloneS: number, score: number): Finding {
    const isUnwatched = track.dwellS === Number.POSITIVE_INFINITY;
    if (isUnwatched && t - track.restT > this.#settings.fixtureAfterS) return this.#heal(track);
    if (track.clearS < this.#settings.clearShare * Math.min(aloneS, track.dwellS)) return WAIT;
    if (this.#waitsForView(track, aloneS, t)) return WAIT;
    // Who was not seen going may stand there yet, as grey as the wall behind them.
    const unseenS = track.attendance?.walkedOff === true ? 0 : Math.min(track.dwellS, UNSEEN_LEAVING_S);
    if (aloneS < track.dwellS + unseenS) return WAIT;
    if (track.advice?.isVetoed === true || !track.hasKeptStill) return WAIT;
    const seen = track.advice?.score ?? 0;
    return { kind: 'proven', score: Math.min(1, score + 0.2 * seen) };
  }

  /** A passer-by in front of it spoils the picture, and is soon gone; a crowd must not hold it back for long. */
  #waitsForView(track: StaticTrack, aloneS: number, t: number): boolean {
    return aloneS - track.dwellS < WAIT_FOR_VIEW_S && this.#scene.attendants.isCovered(track, t);
  }

  /**
   * Ghosts go early, before they pass for people who attend something. In company only those that are floor for
   * the most part, since only that floor is then healed.
   */
  #isEarlyGhost({ component }: StaticTrack, look: Appearance, isLonely: boolean): boolean {
    if (look.edgeRatio < this.#settings.earlyHealEdgeRatio && isLonely) return true;
    if (look.edgeRatio >= this.#settings.ghostEdgeRatio) return false;
    const { background, width, grid } = this.#scene;
    return revealedShare(component, background, width, grid) >= MOSTLY_REVEALED;
  }

  #heal(track: StaticTrack): Finding {
    const { background, width, grid } = this.#scene;
    heal(track.component, background, width, grid);
    return DISMISSED;
  }

  /**
   * Of a ghost, a bag beside which somebody stood in the first picture may be left, or one beside which its owner
   * stood so still that both were one. It came to light when they went, and its clock begins with that.
   */
  #healGhost(track: StaticTrack, t: number): Finding {
    if (track.isCutOut) return this.#heal(track);
    const { background, width, grid, minAreaPx } = this.#scene;
    const rest = healGhost(track.component, background, width, grid, minAreaPx);
    if (rest === null) return DISMISSED;
    track.component = rest;
    track.settledAreaPx = rest.areaPx;
    track.isCutOut = true;
    track.isGhostly = false;
    track.clearS = 0;
    track.somebodyS = 0;
    track.restT = Math.max(track.restT, t - this.#settings.bringerWindowS);
    track.attendance = null;
    track.life = CANDIDATE;
    return WAIT;
  }
}
