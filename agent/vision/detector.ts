import type { Frame } from '#agent/ports/frames.ts';
import type { DualBackground } from './background/background.ts';
import { heal, healGhost, revealedShare } from './background/healing.ts';
import type { Privacy } from './evidence/pixelate.ts';
import { privacyOf } from './evidence/privacy.ts';
import { type Appearance, appearanceOf } from './judgement/appearance.ts';
import { Attendants } from './judgement/attendance.ts';
import { reasonFor } from './judgement/reason.ts';
import { type Verdict, verdictOn } from './judgement/verdict.ts';
import { Scene } from './scene.ts';
import type { SceneView } from './scene-view.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { type Component, componentsOf, type Grid, gridOf } from './tracking/components.ts';
import { Movers } from './tracking/movers.ts';
import { PersonScale } from './tracking/person-scale.ts';
import { Statics, type StaticTrack } from './tracking/statics.ts';

/** What the detector says; `box` as fractions of the picture, times in seconds of stream time. */
export interface Detection {
  readonly change: 'left' | 'reclaimed' | 'removed';
  readonly objectId: string;
  readonly t: number;
  /** Since when it has been left alone. */
  readonly since: number;
  readonly box: [number, number, number, number];
  /** The cells it covers, for the picture. */
  readonly component: Component;
  readonly score: number;
  readonly reason: string;
}

export interface DetectorOptions {
  readonly width: number;
  readonly height: number;
  readonly dwellS: number;
  readonly settings?: Settings;
  /** Names each object reported. */
  readonly newObjectId: () => string;
}

/** A static thing that is no luggage becomes background after this long with nobody around it. */
const ABSORB_AFTER_S = 90;
const WAIT_FOR_VIEW_S = 5;
/** Share of a thing that must be floor come to light. */
const MOSTLY_REVEALED = 0.5;

/** Pictures in, things left behind out: each step of the judgement is a module of its own beside this file. */
export class Detector {
  readonly #options: DetectorOptions;
  readonly #settings: Settings;
  readonly #grid: Grid;
  readonly #minAreaPx: number;
  readonly #scene: Scene;
  readonly #scale: PersonScale;
  readonly #movers: Movers;
  readonly #statics: Statics;
  readonly #attendants: Attendants;
  #lastT = 0;
  #judgedT = Number.NEGATIVE_INFINITY;
  /** Called with every verdict: for tuning and tests. */
  onVerdict: ((track: StaticTrack, verdict: Verdict, t: number) => void) | null = null;

  constructor(options: DetectorOptions) {
    const { width, height, settings = DEFAULT_SETTINGS } = options;
    this.#options = options;
    this.#settings = settings;
    this.#grid = gridOf(width, height);
    this.#minAreaPx = settings.minAreaPx320 * (width / 320) ** 2;
    this.#scale = new PersonScale(width, height);
    this.#movers = new Movers(width, height, this.#scale);
    this.#statics = new Statics(this.#grid, width, settings);
    this.#attendants = new Attendants(this.#movers, this.#scale, settings);
    this.#scene = new Scene(width, height, settings);
  }

  get background(): DualBackground {
    return this.#scene.background;
  }

  /** What the other parts of the camera look at; valid until the next picture. */
  get view(): SceneView {
    const { width, height } = this.#options;
    const t = this.#lastT;
    return {
      width,
      height,
      t,
      grid: this.#grid,
      isJudged: this.#judgedT === t,
      isUnknown: this.#scene.isUnknown,
      background: this.#scene.background,
      movers: this.#movers.recent.filter((mover) => this.#movers.isLive(mover, t)),
      tracks: this.#statics.tracks,
      scale: this.#scale,
    };
  }

  /** Takes in the next picture; answers what has become certain with it. */
  push(frame: Frame): Detection[] {
    this.#lastT = frame.t;
    const isSettled = this.#scene.push(frame);
    if (this.#scene.isDisplaced(frame.t)) return this.#beginAnew();
    const sinceS = frame.t - this.#judgedT;
    if (!isSettled || sinceS + 1e-6 < 1 / this.#settings.judgePerSecond) return [];
    this.#judgedT = frame.t;
    this.#scene.followLight(Math.min(sinceS, 1));
    return this.#judge(frame.t, Math.min(sinceS, 1));
  }

  /** What to hide in the picture pushed last; `object` is the thing to show, if any. */
  privacy(object: Component | null): Privacy {
    const { width, height } = this.#options;
    const people = this.#movers.recent.filter((mover) => this.#movers.isLive(mover, this.#lastT));
    const rects = people.map((mover) => mover.rect);
    const tallestPx = this.#scale.heightAt(height);
    const privacy = privacyOf(object, this.background, rects, this.#grid, width, tallestPx);
    if (this.#scene.isUnknown) privacy.hidden.fill(1);
    return privacy;
  }

  #judge(t: number, dtS: number): Detection[] {
    if (this.#scene.isOther(t)) return this.#beginAnew();
    this.#movers.update(this.#movingComponents(), t);
    const { gone } = this.#statics.update(this.#staticComponents(), this.background, t, dtS);
    const detections = gone.flatMap((track) => this.#departure(track, t));
    for (const track of [...this.#statics.tracks]) {
      const detection = this.#judgeTrack(track, t, dtS);
      if (detection !== null) detections.push(detection);
    }
    return detections;
  }

  #beginAnew(): Detection[] {
    this.#scene.beginAnew();
    this.#statics.clear();
    return [];
  }

  /** Foreground without the things already known to stand alone. */
  #movingComponents(): Component[] {
    const cells = this.background.foregroundCells();
    for (const track of this.#statics.tracks) {
      if (track.reportedAs === null && (track.attendance?.leftT ?? null) === null) continue;
      for (const cell of track.component.cells) cells[cell] = 0;
    }
    return componentsOf(cells, this.#grid, 2, this.#minAreaPx * 2);
  }

  #staticComponents(): Component[] {
    return componentsOf(this.background.staticCells(), this.#grid, 2, this.#minAreaPx);
  }

  #judgeTrack(track: StaticTrack, t: number, dtS: number): Detection | null {
    const attendance = this.#attendants.update(track, t);
    if (track.reportedAs !== null) return null;
    if (t - track.seenT > 0) return null;
    const look = appearanceOf(track.component, this.background, this.#options.width, this.#grid);
    const { earlyHealAfterS, healRingForeground } = this.#settings;
    const restedS = t - track.restT;
    const isLonely = look.ringForeground < healRingForeground;
    if (restedS >= earlyHealAfterS && !track.isCutOut && this.#isEarlyGhost(track, look, isLonely)) {
      return this.#healGhost(track);
    }
    const since = attendance.leftT;
    if (since === null) track.clearS = 0;
    else if (look.ringForeground < this.#settings.crowdedRingForeground) track.clearS += dtS;
    if (since === null || attendance.nearT === t || t - since < this.#options.dwellS) return null;
    if (look.ringForeground >= this.#settings.crowdedRingForeground) return null;
    if (track.clearS < this.#settings.clearShare * this.#options.dwellS) return null;
    const isCut = this.#movers.touchesEdge(track.component.rect);
    const verdict = verdictOn(track, look, this.#scale, this.#settings, isCut);
    this.onVerdict?.(track, verdict, t);
    if (verdict.kind === 'object' && this.#statics.coversReported(track.component)) return this.#drop(track);
    if (verdict.kind === 'object' && this.#waitsForView(track, since, t)) return null;
    if (verdict.kind === 'object') return this.#report(track, t, since, verdict.score, look.edgeRatio);
    if (!isLonely) return null;
    if (verdict.kind === 'ghost') return this.#healGhost(track);
    const isNothing = verdict.kind === 'lighting' || verdict.kind === 'unbrought';
    return isNothing || restedS > ABSORB_AFTER_S ? this.#heal(track) : null;
  }

  /** A passer-by in front of it spoils the picture, and is soon gone; a crowd must not hold it back for long. */
  #waitsForView(track: StaticTrack, since: number, t: number): boolean {
    const overdueS = t - since - this.#options.dwellS;
    return overdueS < WAIT_FOR_VIEW_S && this.#attendants.isCovered(track, t);
  }

  /**
   * Ghosts go early, before they pass for people who attend something. In company only those that are floor for
   * the most part, since only that floor is then healed.
   */
  #isEarlyGhost({ component }: StaticTrack, look: Appearance, isLonely: boolean): boolean {
    if (look.edgeRatio < this.#settings.earlyHealEdgeRatio && isLonely) return true;
    if (look.edgeRatio >= this.#settings.ghostEdgeRatio) return false;
    return revealedShare(component, this.background, this.#options.width, this.#grid) >= MOSTLY_REVEALED;
  }

  #report(track: StaticTrack, t: number, since: number, score: number, edgeRatio: number): Detection {
    track.reportedAs = this.#options.newObjectId();
    const personHeight = this.#scale.heightAt(track.component.rect.bottom);
    return {
      ...this.#place(track, t),
      change: 'left',
      since,
      score,
      reason: reasonFor(track, t, since, edgeRatio, personHeight),
    };
  }

  #departure(track: StaticTrack, t: number): Detection[] {
    if (track.reportedAs === null) return [];
    const isTaken = track.attendance !== null && t - track.attendance.nearT < 3;
    return [
      {
        ...this.#place(track, t),
        change: isTaken ? 'reclaimed' : 'removed',
        since: track.attendance?.leftT ?? t,
        score: 1,
        reason: isTaken
          ? 'whoever was with it is there and it is gone'
          : 'it is gone and nobody known to belong to it was there',
      },
    ];
  }

  #place(track: StaticTrack, t: number): Pick<Detection, 'objectId' | 't' | 'box' | 'component'> {
    const { width, height } = this.#options;
    const { rect } = track.component;
    return {
      objectId: track.reportedAs ?? String(track.id),
      t,
      component: track.component,
      box: [
        rect.left / width,
        rect.top / height,
        (rect.right - rect.left) / width,
        (rect.bottom - rect.top) / height,
      ],
    };
  }

  #heal(track: StaticTrack): null {
    heal(track.component, this.background, this.#options.width, this.#grid);
    return this.#drop(track);
  }

  #drop(track: StaticTrack): null {
    this.#statics.drop(track);
    return null;
  }

  /** Of a ghost, a bag beside which somebody stood in the first picture may be left: it stays the same track. */
  #healGhost(track: StaticTrack): null {
    if (track.isCutOut) return this.#heal(track);
    const { width } = this.#options;
    const rest = healGhost(track.component, this.background, width, this.#grid, this.#minAreaPx);
    if (rest === null) this.#statics.drop(track);
    else {
      track.component = rest;
      track.isCutOut = true;
      track.clearS = 0;
    }
    return null;
  }
}
