import type { Frame } from '#agent/ports/frames.ts';
import { DualBackground } from './background/background.ts';
import { Bootstrap } from './background/bootstrap.ts';
import { LEVEL, TILE_COLUMNS, TILE_ROWS } from './background/kernel/steps.ts';
import type { Settings } from './settings.ts';
import { Illumination, writeTileRows } from './stabilisation/illumination.ts';
import { Registration } from './stabilisation/registration.ts';

/** More of the picture than this new at once, and for this long: another scene, begun anew. */
const SCENE_CHANGE_SHARE = 0.6;
const SCENE_CHANGE_S = 3;
const LIGHT_TAU_S = 20;
/** A camera moved farther than this (pixels) is not followed: nothing is judged, and soon begun anew. */
const MAX_SHIFT_PX = 6;
const REFERENCE_EVERY_S = 1;
/** Until a scene has been watched this long, nobody knows who in it would move. */
const UNKNOWN_SCENE_S = 10;
const NOTHING = new Uint8Array(0);

/** The backgrounds as they are kept for a restart; units as in `DualBackground`. */
export interface SceneMemory {
  readonly long: Int16Array;
  readonly short: Int16Array;
  readonly deviation: Uint8Array;
  readonly age: Uint8Array;
}

/** What is behind everything: pictures come in, freed of light and shake, and the backgrounds follow. */
export class Scene {
  readonly background: DualBackground;
  readonly #settings: Settings;
  readonly #light: Illumination;
  readonly #registration: Registration;
  #bootstrap: Bootstrap | null;
  #lastT: number | null = null;
  /** When the scene was first seen; null until its first picture. */
  #startT: number | null = null;
  #otherT: number | null = null;
  #displacedT: number | null = null;
  #referenceT = Number.NEGATIVE_INFINITY;

  constructor(width: number, height: number, settings: Settings) {
    this.#settings = settings;
    this.background = new DualBackground(width, height, settings);
    this.#light = new Illumination(width, height);
    this.#registration = new Registration(width, height);
    writeTileRows(this.background.kernel.planes);
    this.#bootstrap = new Bootstrap(settings.bootstrapS);
  }

  /** Nobody can tell yet, or just now, what in the picture is background. */
  get isUnknown(): boolean {
    if (this.#bootstrap !== null || this.#displacedT !== null || this.#otherT !== null) return true;
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
    this.background.reset(long);
    this.background.short.set(short);
    this.background.deviation.set(deviation);
    this.background.age.set(age);
    this.#bootstrap = null;
    this.#startT = Number.NEGATIVE_INFINITY;
    this.#referenceT = Number.NEGATIVE_INFINITY;
  }

  /** Takes in a picture; answers whether the backgrounds now stand for it. */
  push(frame: Frame): boolean {
    const dtS = Math.min(1, Math.max(0.001, frame.t - (this.#lastT ?? frame.t - 0.1)));
    this.#lastT = frame.t;
    const { planes } = this.background.kernel;
    planes.frame.set(frame.data);
    if (this.#bootstrap !== null) {
      this.#learn(this.#bootstrap, frame.t);
      return false;
    }
    const { long, foreground } = this.background;
    this.#light.measure(planes.frame, long, this.#otherT === null ? foreground : null);
    this.#light.writeGains(planes);
    const from = this.#align(frame.t);
    if (from === null) return false;
    this.background.update(from, dtS);
    return true;
  }

  /** Lets the background follow the light of the day, `sinceS` after the last time. */
  followLight(sinceS: number): void {
    const { kernel } = this.background;
    this.#light.writeDrifts(kernel.planes, sinceS / LIGHT_TAU_S);
    kernel.absorb();
  }

  /** Whether most of the picture has been new for a while: somebody turned or covered the camera. */
  isOther(t: number): boolean {
    const { foreground, foregroundCount } = this.background;
    const isChanged = foregroundCount > SCENE_CHANGE_SHARE * foreground.length;
    if (!isChanged) this.#otherT = null;
    else this.#otherT ??= t;
    return this.#otherT !== null && t - this.#otherT > SCENE_CHANGE_S;
  }

  /** Whether the camera has pointed elsewhere for a while. */
  isDisplaced(t: number): boolean {
    return this.#displacedT !== null && t - this.#displacedT > SCENE_CHANGE_S;
  }

  beginAnew(): void {
    this.#otherT = null;
    this.#displacedT = null;
    this.#startT = null;
    this.#bootstrap = new Bootstrap(this.#settings.bootstrapS);
  }

  /** Where the picture as it would be had the camera not moved is; null while it has moved too far to tell. */
  #align(t: number): 'frame' | 'aligned' | null {
    const { long, foreground, kernel } = this.background;
    const { frame, aligned, gains } = kernel.planes;
    if (t >= this.#referenceT + REFERENCE_EVERY_S) {
      this.#referenceT = t;
      this.#registration.setReference(long);
    }
    const shift = this.#registration.measure(frame, gains, foreground);
    if (Math.hypot(shift.dx, shift.dy) > MAX_SHIFT_PX) {
      this.#displacedT ??= t;
      return null;
    }
    this.#displacedT = null;
    if (shift.dx === 0 && shift.dy === 0) return 'frame';
    this.#registration.undo(frame, shift, long, gains, aligned);
    return 'aligned';
  }

  /** One of the first pictures, brought into line with the very first. */
  #learn(bootstrap: Bootstrap, t: number): void {
    const { short, kernel } = this.background;
    const { frame, aligned } = kernel.planes;
    if (this.#startT === null) {
      for (let i = 0; i < frame.length; i++) short[i] = (frame[i] ?? 0) * LEVEL;
      this.#registration.setReference(short);
    }
    this.#startT ??= t;
    const shift = this.#registration.measure(frame, null, NOTHING);
    const isFollowed = Math.hypot(shift.dx, shift.dy) <= MAX_SHIFT_PX;
    if (isFollowed) this.#registration.undo(frame, shift, short, null, aligned);
    const first = this.background.short;
    if (!bootstrap.add(isFollowed ? aligned : frame, t - this.#startT, first)) return;
    this.background.reset(first);
    this.#referenceT = Number.NEGATIVE_INFINITY;
    this.#bootstrap = null;
  }
}
