import type { Frame } from '#agent/ports/frames.ts';
import { DualBackground, LEVEL } from './background/background.ts';
import { Bootstrap } from './background/bootstrap.ts';
import { FormerScene } from './background/former-scene.ts';
import { GAIN_ONE, TILE_COLUMNS, TILE_ROWS } from './background/kernel/steps.ts';
import type { Settings } from './settings.ts';
import { Illumination, writeTileRows } from './stabilisation/illumination.ts';
import { Registration } from './stabilisation/registration.ts';
import { lengthOf, type Shift } from './stabilisation/shift.ts';
import { SteadinessJudge } from './stabilisation/steadiness.ts';
import { alignPicture, moveBackground } from './stabilisation/warp.ts';

/** More of the picture than this new at once, and for this long: another scene, begun anew. */
const SCENE_CHANGE_SHARE = 0.6;
const SCENE_CHANGE_S = 3;
const LIGHT_TAU_S = 20;
/** The first pictures are brought into line within this (pixels). */
const MAX_FIRST_SHIFT_PX = 6;
/** A camera that now shows more than this share of the picture for the first time shows another scene. */
const MAX_SETTLED_SHARE = 0.25;
const REFERENCE_EVERY_S = 2;
/** Until a scene has been watched this long, nobody knows who in it would move. */
const UNKNOWN_SCENE_S = 10;
/** Watched for less, it does not take the place of the one before: a hand or a lorry before the lens. */
const OWN_SCENE_S = 60;
const NOTHING = new Uint8Array(0);

/** The backgrounds as they are kept for a restart; units as in `DualBackground`. */
export interface SceneMemory {
  readonly long: Int16Array;
  readonly short: Int16Array;
  readonly deviation: Uint8Array;
  readonly age: Uint8Array;
}

/**
 * `learning`: the first background is not known yet. `held`: nobody can judge now, but soon again. `ready`: the
 * backgrounds stand for the picture. `other`: it shows another scene, which is begun anew. `back`: the
 * scene before this one is there again.
 */
export type SceneState = 'learning' | 'held' | 'ready' | 'other' | 'back';

/** What is behind everything: pictures come in, freed of light and shake, and the backgrounds follow. */
export class Scene {
  readonly background: DualBackground;
  readonly #settings: Settings;
  readonly #light: Illumination;
  readonly #registration: Registration;
  readonly #former: FormerScene;
  #bootstrap: Bootstrap | null;
  #lastT: number | null = null;
  /** When the scene was first seen; null until its first picture. */
  #startT: number | null = null;
  #otherT: number | null = null;
  readonly #steadiness = new SteadinessJudge();
  #movedBy: Shift | null = null;
  #referenceT = Number.NEGATIVE_INFINITY;

  constructor(width: number, height: number, settings: Settings) {
    this.#settings = settings;
    this.background = new DualBackground(width, height, settings);
    this.#light = new Illumination(width, height);
    this.#former = new FormerScene(width, height);
    this.#registration = new Registration(this.background.kernel);
    writeTileRows(this.background.kernel.planes);
    this.#bootstrap = new Bootstrap(this.background, settings.bootstrapS);
  }

  /** Nobody can tell yet, or just now, what in the picture is background. */
  get isUnknown(): boolean {
    if (this.#bootstrap !== null || this.#steadiness.isAway || this.#otherT !== null) return true;
    return (this.#lastT ?? 0) - (this.#startT ?? 0) < UNKNOWN_SCENE_S;
  }

  /** The light now over that of the background, at a point in pixels. */
  lightChangeAt(x: number, y: number): number {
    const { width, height, logGain } = this.#light;
    const column = Math.min(TILE_COLUMNS - 1, Math.max(0, Math.floor((x * TILE_COLUMNS) / width)));
    const row = Math.min(TILE_ROWS - 1, Math.max(0, Math.floor((y * TILE_ROWS) / height)));
    return Math.exp(logGain[row * TILE_COLUMNS + column] ?? 0);
  }

  /** The backgrounds, or null while there are none. */
  save(): SceneMemory | null {
    if (this.#bootstrap !== null) return null;
    const { long, short, deviation, age } = this.background;
    return { long: long.slice(), short: short.slice(), deviation: deviation.slice(), age: age.slice() };
  }

  /** Goes on from backgrounds of the same size, as if the scene had been watched all along. */
  restore({ long, short, deviation, age }: SceneMemory): void {
    this.#goOnFrom(long);
    this.background.short.set(short);
    this.background.deviation.set(deviation);
    this.background.age.set(age);
  }

  #goOnFrom(long: Int16Array): void {
    this.background.reset(long);
    this.#bootstrap = null;
    this.#otherT = null;
    this.#startT = Number.NEGATIVE_INFINITY;
    this.#referenceT = Number.NEGATIVE_INFINITY;
    this.#registration.reset();
    this.#steadiness.reset();
  }

  /** By how much the background was moved with the last picture, because the camera stays where it points now. */
  get movedBy(): Shift | null {
    return this.#movedBy;
  }

  /** Bytes of its buffers. */
  get bytes(): number {
    const { planes } = this.background.kernel;
    return planes.bytes + this.#light.bytes + this.#registration.bytes + this.#former.bytes;
  }

  /** Since when the scene has been away that may come `back`; null where there is none. */
  get formerT(): number | null {
    return this.#former.keptT;
  }

  /** Whether the scene before this one may still come `back`. */
  mayComeBack(t: number): boolean {
    return this.#former.isKept(t);
  }

  /** Takes in a picture. Another scene is begun anew with it. */
  push(frame: Frame): SceneState {
    const dtS = Math.min(1, Math.max(0.001, frame.t - (this.#lastT ?? frame.t - 0.1)));
    this.#lastT = frame.t;
    this.#movedBy = null;
    const { planes } = this.background.kernel;
    planes.frame.set(frame.data);
    if (this.#bootstrap !== null) return this.#learn(this.#bootstrap, frame.t);
    this.#light.measure(planes.frame, this.background.long, this.background.foreground);
    this.#light.writeGains(planes);
    const state = this.#align(frame.t);
    if (state === 'other') return this.#changeScene(frame.t);
    if (state === 'held') return state;
    this.background.update(state, dtS);
    return this.#judgeChange(frame.t);
  }

  /** Lets the background follow the light of the day, `sinceS` after the last time. */
  followLight(sinceS: number): void {
    const { kernel } = this.background;
    this.#light.writeDrifts(kernel.planes, sinceS / LIGHT_TAU_S);
    kernel.absorb();
  }

  /** What is seen now is not what was watched: either the scene of before, or one to be learned. */
  #changeScene(t: number): 'other' | 'back' {
    if (this.#isBack(t)) return 'back';
    const isOwn = t - (this.#startT ?? t) >= OWN_SCENE_S;
    if (isOwn || !this.#former.isKept(t)) this.#former.keep(this.background.long, t);
    this.#beginAnew();
    return 'other';
  }

  #isBack(t: number): boolean {
    const { frame } = this.background.kernel.planes;
    const long = this.#former.takeIfBack(frame, t);
    if (long === null) return false;
    this.#goOnFrom(long);
    const { short } = this.background;
    for (let i = 0; i < short.length; i++) short[i] = (frame[i] ?? 0) * LEVEL;
    return true;
  }

  #beginAnew(): void {
    this.#otherT = null;
    this.#startT = null;
    this.#steadiness.reset();
    this.#bootstrap = new Bootstrap(this.background, this.#settings.bootstrapS);
  }

  /** With most of the picture new nothing is judged; after a while somebody turned or covered the camera. */
  #judgeChange(t: number): SceneState {
    const { foreground, foregroundCount } = this.background;
    const isChanged = foregroundCount > SCENE_CHANGE_SHARE * foreground.length;
    if (!isChanged) {
      this.#otherT = null;
      return 'ready';
    }
    this.#otherT ??= t;
    if (t - this.#otherT <= SCENE_CHANGE_S) return 'held';
    return this.#changeScene(t);
  }

  /** Where the picture as it would be had the camera not moved is, if it can be told. */
  #align(t: number): 'frame' | 'aligned' | 'held' | 'other' {
    const { foreground, kernel } = this.background;
    if (t >= this.#referenceT + REFERENCE_EVERY_S) this.#takeReference(t);
    if (!this.#steadiness.isDue(t) && !this.#registration.seemsMoved(foreground)) return 'frame';
    const shift = this.#registration.measure(foreground);
    const steadiness = this.#steadiness.observe(shift, t);
    if (steadiness === 'still') return 'frame';
    if (steadiness === 'away') return 'held';
    if (steadiness === 'lost') return 'other';
    if (steadiness === 'settled') return this.#follow(this.#steadiness.settledAt, t);
    alignPicture(kernel, shift, 'background');
    return 'aligned';
  }

  /** Moves the background to where the camera points now, for good. */
  #follow(shift: Shift, t: number): 'frame' | 'other' {
    const { width, height } = this.background;
    const fresh = Math.abs(shift.dx) / width + Math.abs(shift.dy) / height;
    if (fresh > MAX_SETTLED_SHARE) return 'other';
    moveBackground(this.background, shift);
    this.#movedBy = shift;
    this.#steadiness.reset();
    this.#registration.reset();
    this.#takeReference(t);
    if (lengthOf(shift) > MAX_FIRST_SHIFT_PX) this.#startT = t;
    return 'frame';
  }

  #takeReference(t: number): void {
    this.#referenceT = t;
    this.#registration.setReference('long');
  }

  /** One of the first pictures, brought into line with the very first. */
  #learn(bootstrap: Bootstrap, t: number): SceneState {
    const { kernel } = this.background;
    const { frame, aligned, gains } = kernel.planes;
    if (this.#startT === null) {
      gains.fill(GAIN_ONE);
      this.#registration.reset();
      this.#registration.setReference('frame');
    }
    this.#startT ??= t;
    const shift = this.#registration.measure(NOTHING);
    const isFollowed = lengthOf(shift) <= MAX_FIRST_SHIFT_PX && lengthOf(shift) > 0;
    if (isFollowed) alignPicture(kernel, shift, 'picture');
    if (!bootstrap.add(isFollowed ? aligned : frame, t - this.#startT)) return 'learning';
    this.#referenceT = Number.NEGATIVE_INFINITY;
    this.#registration.reset();
    this.#steadiness.reset();
    this.#bootstrap = null;
    return this.#isBack(t) ? 'back' : 'learning';
  }
}
