import type { Frame } from '#agent/ports/frames.ts';
import type { Zone } from '#agent/ports/vision-zones.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Measurements } from '#contract/event-data.ts';
import type { DualBackground } from './background/background.ts';
import { heal } from './background/healing.ts';
import type { Advice } from './consult/advice.ts';
import type { DetectorMemory } from './detector-memory.ts';
import { Attendants } from './judgement/attendance.ts';
import type { Detection } from './judgement/detection.ts';
import { Judge } from './judgement/judge.ts';
import { advanced, isOver, type Observation, type Told } from './judgement/lifecycle.ts';
import { measurementsOf } from './judgement/measurements.ts';
import { reasonFor } from './judgement/reason.ts';
import { takenBy } from './judgement/taken-by.ts';
import { figureOf, type Verdict } from './judgement/verdict.ts';
import { Scene } from './scene.ts';
import type { SceneView } from './scene-view.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { NO_SHIFT, type Shift } from './stabilisation/shift.ts';
import { type Component, componentsOf, type Grid, gridOf } from './tracking/components.ts';
import { Movers } from './tracking/movers.ts';
import { PersonScale } from './tracking/person-scale.ts';
import { footOf } from './tracking/rect.ts';
import { Statics } from './tracking/statics.ts';
import type { StaticTrack } from './tracking/track.ts';
import { kept, revived, type TrackMemory } from './tracking/track-memory.ts';
import { ZoneMap } from './zones/zone-map.ts';

export type { Detection } from './judgement/detection.ts';

export interface DetectorOptions {
  readonly width: number;
  readonly height: number;
  readonly dwellS: number;
  readonly zones?: readonly Zone[];
  readonly settings?: Settings;
  /** Names each object reported. */
  readonly newObjectId: () => string;
}

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
  readonly #zones: ZoneMap;
  readonly #judge: Judge;
  #lastT = 0;
  /** See `SceneView`. */
  #offset: Shift = NO_SHIFT;
  #judgedT = Number.NEGATIVE_INFINITY;
  #aside: { readonly tracks: readonly TrackMemory[]; readonly offset: Shift } | null = null;
  #revival: { readonly memory: DetectorMemory; readonly gapS: number } | null = null;

  constructor(options: DetectorOptions) {
    const { width, height, settings = DEFAULT_SETTINGS, zones = [], dwellS } = options;
    this.#options = options;
    this.#settings = settings;
    this.#grid = gridOf(width, height);
    this.#minAreaPx = settings.minAreaPx320 * (width / 320) ** 2;
    this.#scene = new Scene(width, height, settings);
    this.#scale = new PersonScale(width, height);
    this.#movers = new Movers(width, height, this.#grid, this.#scale);
    this.#statics = new Statics(this.#grid, width, settings);
    this.#attendants = new Attendants(this.#movers, this.#scale, this.#scene.background, settings);
    this.#zones = new ZoneMap(zones, width, height, dwellS);
    this.#judge = new Judge(
      {
        background: this.#scene.background,
        grid: this.#grid,
        width,
        minAreaPx: this.#minAreaPx,
        movers: this.#movers,
        scale: this.#scale,
        attendants: this.#attendants,
        zones: this.#zones,
      },
      settings,
    );
  }

  /** Bytes of the buffers it holds for as long as it lives. */
  get bufferBytes(): number {
    return this.#scene.bytes + this.#statics.bytes;
  }

  get background(): DualBackground {
    return this.#scene.background;
  }

  /**
   * Ids of what was or may be reported and is still followed, or stood in the scene before this one while that may come
   * back.
   */
  get objectIds(): string[] {
    const aside = this.#scene.mayComeBack(this.#lastT) ? (this.#aside?.tracks ?? []) : [];
    return [...this.#statics.tracks, ...aside].flatMap(
      ({ reportedAs, objectId }) => reportedAs ?? objectId ?? [],
    );
  }

  /** Called with every verdict: for tuning and tests. */
  set onVerdict(listener: ((track: StaticTrack, verdict: Verdict, t: number) => void) | null) {
    this.#judge.onVerdict = listener;
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
      offset: this.#offset,
      background: this.#scene.background,
      movers: this.#movers.recent.filter((mover) => this.#movers.isLive(mover, t)),
      tracks: this.#statics.tracks,
      scale: this.#scale,
      measure: (track) => this.#measure(track, t),
    };
  }

  /** Takes in the next picture; answers what has become certain with it. */
  push(frame: Frame): Detection[] {
    this.#revive(frame.t);
    this.#lastT = frame.t;
    const state = this.#scene.push(frame);
    if (state === 'other') this.#setAside(frame.t);
    if (state === 'back') this.#bringBack(frame.t);
    if (this.#scene.movedBy !== null) this.#follow(this.#scene.movedBy);
    const sinceS = frame.t - this.#judgedT;
    if (state !== 'ready' || sinceS + 1e-6 < 1 / this.#settings.judgePerSecond) return [];
    this.#judgedT = frame.t;
    this.#scene.followLight(Math.min(sinceS, 1));
    return this.#judgeAll(frame, Math.min(sinceS, 1));
  }

  /** The camera was nudged for good. */
  #follow(by: Shift): void {
    this.#statics.shift(by);
    this.#place({ dx: this.#offset.dx + by.dx, dy: this.#offset.dy + by.dy });
  }

  #place(offset: Shift): void {
    this.#offset = offset;
    this.#zones.moveTo(offset);
  }

  /** Takes in what the learned detector makes of a track. */
  advise(trackId: number, advice: Advice): void {
    const track = this.#statics.tracks.find(({ id }) => id === trackId);
    if (track !== undefined) track.advice = advice;
  }

  /** All that is known, for a restart; null while nothing is. */
  save(): DetectorMemory | null {
    const scene = this.#scene.save();
    if (scene === null) return null;
    const { width, height, newObjectId } = this.#options;
    // What is about to be reported may be so twice, before and after a restart: then under one id.
    for (const track of this.#statics.tracks) {
      if (track.life.phase === 'unattended') track.objectId ??= newObjectId();
    }
    return {
      ...{ version: 1, width, height, t: this.#lastT, scene, scale: this.#scale.save() },
      tracks: this.#statics.tracks.map(kept),
      nextTrackId: this.#statics.nextId,
      offset: this.#offset,
    };
  }

  /**
   * Goes on where `memory` ended, `gapS` before the next picture; before the first one. The clocks of what still
   * stands there have run on; what is no longer there is found out by the first pictures. Throws WP2425 when it is
   * of another size or kind.
   */
  restore(memory: DetectorMemory, gapS: number): void {
    const { width, height } = this.#options;
    if (memory.version !== 1 || memory.width !== width || memory.height !== height) {
      throw new WatchpostError('WP2425', {
        detail: `${memory.width}×${memory.height}, now ${width}×${height}`,
      });
    }
    this.#scene.restore(memory.scene);
    this.#scale.restore(memory.scale);
    this.#place(memory.offset);
    this.#revival = { memory, gapS };
  }

  /** The tracks of before, their times moved so that they fit the stream that begins at `t`. */
  #revive(t: number): void {
    if (this.#revival === null) return;
    const { memory, gapS } = this.#revival;
    this.#revival = null;
    const byS = t - gapS - memory.t;
    this.#statics.restore(
      memory.tracks.map((track) => revived(track, byS, t)),
      memory.nextTrackId,
    );
  }

  /** Another scene is begun: what stood in the one before is kept for as long as that may come back. */
  #setAside(t: number): void {
    if (this.#scene.formerT === t) {
      this.#aside = { tracks: this.#statics.tracks.map(kept), offset: this.#offset };
    }
    this.#statics.clear();
  }

  /** The clocks of what still stands there have run on, as over a restart. */
  #bringBack(t: number): void {
    if (this.#aside === null) return;
    const { tracks, offset } = this.#aside;
    this.#aside = null;
    const back = tracks.map((track) => ({ ...revived(track, 0, t), seenT: t }));
    this.#statics.restore(back, this.#statics.nextId);
    this.#place(offset);
  }

  #judgeAll({ data, t }: Frame, dtS: number): Detection[] {
    this.#movers.update(this.#movingComponents(), { data, background: this.background }, t);
    const { gone } = this.#statics.update(this.#staticComponents(), this.background, t, dtS);
    const detections: Detection[] = [];
    for (const track of gone) this.#advance(track, 'gone', null, detections);
    for (const track of [...this.#statics.tracks]) this.#judgeTrack(track, dtS, detections);
    return detections;
  }

  /** Foreground without the things already known to stand alone. */
  #movingComponents(): Component[] {
    const cells = this.background.foregroundCells();
    for (const track of this.#statics.tracks) {
      if (!this.#judge.isThing(track)) continue;
      const own = track.component.cells;
      for (let at = 0; at < own.length; at++) cells[own[at] ?? 0] = 0;
    }
    return componentsOf(cells, this.#grid, 2, this.#minAreaPx * 2);
  }

  #staticComponents(): Component[] {
    return componentsOf(this.background.staticCells(), this.#grid, 2, this.#minAreaPx);
  }

  #judgeTrack(track: StaticTrack, dtS: number, detections: Detection[]): void {
    const t = this.#lastT;
    this.#attendants.update(track, this.#statics.tracks, t, dtS);
    const isSeen = track.seenT === t;
    if (track.reportedAs !== null || !isSeen) {
      this.#advance(track, isSeen ? 'seen' : 'covered', null, detections);
      return;
    }
    const finding = this.#judge.judge(track, t, dtS);
    if (finding.kind === 'dismissed' || this.#isDouble(track, finding.kind)) this.#statics.drop(track);
    else this.#advance(track, 'seen', finding.kind === 'proven' ? finding.score : null, detections);
  }

  #isDouble(track: StaticTrack, kind: 'proven' | 'wait'): boolean {
    return kind === 'proven' && this.#statics.coversReported(track.component);
  }

  /** One step of its life; `score` when it is proven to be a thing left behind. */
  #advance(
    track: StaticTrack,
    presence: Observation['presence'],
    score: number | null,
    detections: Detection[],
  ): void {
    const t = this.#lastT;
    const { life, told } = advanced(
      track.life,
      {
        t,
        presence,
        aloneT: track.attendance?.leftT ?? null,
        isProven: score !== null,
        takenBy: presence === 'gone' ? takenBy(track, this.#movers, this.#scale, this.#settings, t) : 'other',
      },
      { dwellS: track.dwellS, fixtureS: this.#fixtureS(track) },
    );
    track.life = life;
    if (told !== null) detections.push(this.#detection(track, told, score));
    if (!isOver(life)) return;
    if (life.phase === 'fixture') heal(track.component, this.background, this.#options.width, this.#grid);
    this.#statics.drop(track);
  }

  #fixtureS({ dwellS }: StaticTrack): number {
    return Math.max(this.#settings.fixtureAfterS, this.#settings.fixtureDwells * dwellS);
  }

  #detection(track: StaticTrack, told: Told, score: number | null): Detection {
    const t = this.#lastT;
    if (told.change === 'left') {
      track.objectId ??= this.#options.newObjectId();
      track.reportedAs = track.objectId;
      track.score = score ?? track.score;
    }
    const { width, height } = this.#options;
    const { rect } = track.component;
    const measurements = this.#measure(track, t);
    const { name } = this.#zones.at(footOf(rect));
    return {
      ...told,
      objectId: track.reportedAs ?? String(track.id),
      trackId: track.id,
      t,
      since: track.life.aloneT ?? t,
      component: track.component,
      box: [
        rect.left / width,
        rect.top / height,
        (rect.right - rect.left) / width,
        (rect.bottom - rect.top) / height,
      ],
      score: track.score,
      reason: reasonFor(told, track, measurements),
      measurements,
      ...(name === null ? {} : { zone: name }),
    };
  }

  #measure(track: StaticTrack, t: number): Measurements {
    const { left, right, top, bottom } = track.component.rect;
    const light = this.#scene.lightChangeAt((left + right) / 2, (top + bottom) / 2);
    return measurementsOf(track, figureOf(track, this.#scale), this.#settings, t, light);
  }
}
