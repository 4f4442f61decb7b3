import type { Frame } from '#agent/ports/frames.ts';
import { type Appearance, appearanceOf } from './appearance.ts';
import { Attendants } from './attendance.ts';
import { DualBackground } from './background.ts';
import { Bootstrap } from './bootstrap.ts';
import { type Component, cellsWhere, componentsOf, type Grid, gridOf } from './components.ts';
import { heal, healGhost, revealedShare } from './healing.ts';
import { Illumination } from './illumination.ts';
import { Movers } from './movers.ts';
import { PersonScale } from './person-scale.ts';
import type { Privacy } from './pixelate.ts';
import { privacyOf } from './privacy.ts';
import { reasonFor } from './reason.ts';
import { Registration } from './registration.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { Statics, type StaticTrack } from './statics.ts';
import { type Verdict, verdictOn } from './verdict.ts';

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

/** More of the picture than this new at once, and for this long: another scene, begun anew. */
const SCENE_CHANGE_SHARE = 0.6;
const SCENE_CHANGE_S = 3;
/** A static thing that is no luggage becomes background after this long with nobody around it. */
const ABSORB_AFTER_S = 90;
const LIGHT_TAU_S = 20;
/** A camera moved farther than this (pixels) is not followed: nothing is judged, and soon begun anew. */
const MAX_SHIFT_PX = 6;
const REFERENCE_EVERY_S = 1;
/** Share of a thing that must be floor come to light. */
const MOSTLY_REVEALED = 0.5;
/** Until a scene has been watched this long, nobody knows who in it would move: all of a picture is hidden. */
const UNKNOWN_SCENE_S = 10;

/** Pictures in, things left behind out: each step of the judgement is a module of its own beside this file. */
export class Detector {
  readonly #options: DetectorOptions;
  readonly #settings: Settings;
  readonly #grid: Grid;
  readonly #minAreaPx: number;
  readonly #picture: Float32Array;
  readonly #aligned: Float32Array;
  readonly #registration: Registration;
  readonly #cells: Uint8Array;
  readonly #light: Illumination;
  readonly #scale: PersonScale;
  readonly #movers: Movers;
  readonly #statics: Statics;
  readonly #attendants: Attendants;
  readonly background: DualBackground;
  #bootstrap: Bootstrap | null;
  #lastT: number | null = null;
  #judgedT = Number.NEGATIVE_INFINITY;
  /** When the scene was first seen; null until its first picture. */
  #startT: number | null = null;
  #sceneChangeT: number | null = null;
  #displacedT: number | null = null;
  #referenceT = Number.NEGATIVE_INFINITY;
  /** Called with every verdict: for tuning and tests. */
  onVerdict: ((track: StaticTrack, verdict: Verdict, t: number) => void) | null = null;

  constructor(options: DetectorOptions) {
    const { width, height, settings = DEFAULT_SETTINGS } = options;
    this.#options = options;
    this.#settings = settings;
    this.#grid = gridOf(width, height);
    this.#minAreaPx = settings.minAreaPx320 * (width / 320) ** 2;
    this.#picture = new Float32Array(width * height);
    this.#aligned = new Float32Array(width * height);
    this.#registration = new Registration(width, height);
    this.#cells = new Uint8Array(this.#grid.columns * this.#grid.rows);
    this.#light = new Illumination(width, height);
    this.#scale = new PersonScale(width, height);
    this.#movers = new Movers(width, height, this.#scale);
    this.#statics = new Statics(this.#grid, width, settings);
    this.#attendants = new Attendants(this.#movers, this.#scale, settings);
    this.background = new DualBackground(width * height, settings);
    this.#bootstrap = new Bootstrap(settings.bootstrapS);
  }

  /** Takes in the next picture; answers what has become certain with it. */
  push(frame: Frame): Detection[] {
    const dtS = Math.min(1, Math.max(0.001, frame.t - (this.#lastT ?? frame.t - 0.1)));
    this.#lastT = frame.t;
    if (this.#bootstrap !== null) {
      this.#begin(this.#bootstrap, frame);
      return [];
    }
    const { background } = this;
    const isNewScene = this.#sceneChangeT !== null;
    this.#light.measure(frame.data, background.long, isNewScene ? NOTHING : background.foreground);
    this.#light.compensate(frame.data, this.#picture);
    const aligned = this.#align(frame.t);
    if (aligned === null) return [];
    background.update(aligned, dtS);
    const sinceS = frame.t - this.#judgedT;
    if (sinceS + 1e-6 < 1 / this.#settings.judgePerSecond) return [];
    this.#judgedT = frame.t;
    this.#light.absorb(background.long, Math.min(sinceS, 1) / LIGHT_TAU_S);
    return this.#judge(frame.t, Math.min(sinceS, 1));
  }

  /** What to hide in the picture pushed last; `object` is the thing to show, if any. */
  privacy(object: Component | null): Privacy {
    const { width, height } = this.#options;
    const people = this.#movers.recent.filter((mover) => this.#movers.isLive(mover, this.#lastT ?? 0));
    const rects = people.map((mover) => mover.rect);
    const privacy = privacyOf(
      object,
      this.background,
      rects,
      this.#grid,
      width,
      this.#scale.heightAt(height),
    );
    const watchedS = (this.#lastT ?? 0) - (this.#startT ?? 0);
    if (this.#bootstrap !== null || watchedS < UNKNOWN_SCENE_S) privacy.hidden.fill(1);
    return privacy;
  }

  /** The picture as it would be had the camera not moved; null while it has moved too far to tell. */
  #align(t: number): Float32Array | null {
    const { long, foreground } = this.background;
    if (t >= this.#referenceT + REFERENCE_EVERY_S) {
      this.#referenceT = t;
      this.#registration.setReference(long);
    }
    const shift = this.#registration.measure(this.#picture, foreground);
    if (Math.hypot(shift.dx, shift.dy) > MAX_SHIFT_PX) {
      this.#displacedT ??= t;
      if (t - this.#displacedT > SCENE_CHANGE_S) this.#beginAnew();
      return null;
    }
    this.#displacedT = null;
    if (shift.dx === 0 && shift.dy === 0) return this.#picture;
    this.#registration.undo(this.#picture, shift, long, this.#aligned);
    return this.#aligned;
  }

  #begin(bootstrap: Bootstrap, frame: Frame): void {
    this.#picture.set(frame.data);
    if (this.#startT === null) this.#registration.setReference(this.#picture);
    this.#startT ??= frame.t;
    const shift = this.#registration.measure(this.#picture, NOTHING);
    const isFollowed = Math.hypot(shift.dx, shift.dy) <= MAX_SHIFT_PX;
    if (isFollowed) this.#registration.undo(this.#picture, shift, this.#picture, this.#aligned);
    const first = bootstrap.add(isFollowed ? this.#aligned : this.#picture, frame.t - this.#startT);
    if (first === null) return;
    this.background.reset(first, first);
    this.#referenceT = Number.NEGATIVE_INFINITY;
    this.#bootstrap = null;
  }

  #judge(t: number, dtS: number): Detection[] {
    if (this.#isOtherScene(t)) return this.#beginAnew();
    this.#movers.update(this.#movingComponents(), t);
    const { gone } = this.#statics.update(this.#staticComponents(), this.background, t, dtS);
    const detections = gone.flatMap((track) => this.#departure(track, t));
    for (const track of [...this.#statics.tracks]) {
      const detection = this.#judgeTrack(track, t, dtS);
      if (detection !== null) detections.push(detection);
    }
    return detections;
  }

  #isOtherScene(t: number): boolean {
    let count = 0;
    for (const value of this.background.foreground) count += value;
    const isChanged = count > SCENE_CHANGE_SHARE * this.background.foreground.length;
    if (!isChanged) this.#sceneChangeT = null;
    else this.#sceneChangeT ??= t;
    return this.#sceneChangeT !== null && t - this.#sceneChangeT > SCENE_CHANGE_S;
  }

  #beginAnew(): Detection[] {
    this.#sceneChangeT = null;
    this.#displacedT = null;
    this.#startT = null;
    this.#bootstrap = new Bootstrap(this.#settings.bootstrapS);
    this.#statics.clear();
    return [];
  }

  /** Foreground without the things already known to stand alone. */
  #movingComponents(): Component[] {
    const { foreground } = this.background;
    const { width } = this.#options;
    cellsWhere(width, this.#grid, this.#cells, 2, (i) => foreground[i] === 1);
    for (const track of this.#statics.tracks) {
      if (track.reportedAs === null && (track.attendance?.leftT ?? null) === null) continue;
      for (const cell of track.component.cells) this.#cells[cell] = 0;
    }
    return componentsOf(this.#cells, this.#grid, 2, this.#minAreaPx * 2);
  }

  #staticComponents(): Component[] {
    const { age } = this.background;
    const { staticS } = this.#settings;
    cellsWhere(this.#options.width, this.#grid, this.#cells, 2, (i) => (age[i] ?? 0) >= staticS);
    return componentsOf(this.#cells, this.#grid, 2, this.#minAreaPx);
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
    if (verdict.kind === 'object') return this.#report(track, t, since, verdict.score, look.edgeRatio);
    if (!isLonely) return null;
    if (verdict.kind === 'ghost') return this.#healGhost(track);
    const isNothing = verdict.kind === 'lighting' || verdict.kind === 'unbrought';
    return isNothing || restedS > ABSORB_AFTER_S ? this.#heal(track) : null;
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

const NOTHING = new Uint8Array(0);
