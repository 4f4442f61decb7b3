import type { Frame } from '#agent/ports/frames.ts';
import { DualBackground } from './background/background.ts';
import { Bootstrap } from './background/bootstrap.ts';
import type { Settings } from './settings.ts';
import { Illumination } from './stabilisation/illumination.ts';
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

/** What is behind everything: pictures come in, freed of light and shake, and the backgrounds follow. */
export class Scene {
  readonly background: DualBackground;
  readonly #settings: Settings;
  readonly #light: Illumination;
  readonly #registration: Registration;
  readonly #picture: Float32Array;
  readonly #aligned: Float32Array;
  #bootstrap: Bootstrap | null;
  #lastT: number | null = null;
  /** When the scene was first seen; null until its first picture. */
  #startT: number | null = null;
  #otherT: number | null = null;
  #displacedT: number | null = null;
  #referenceT = Number.NEGATIVE_INFINITY;

  constructor(width: number, height: number, settings: Settings) {
    this.#settings = settings;
    this.background = new DualBackground(width * height, settings);
    this.#light = new Illumination(width, height);
    this.#registration = new Registration(width, height);
    this.#picture = new Float32Array(width * height);
    this.#aligned = new Float32Array(width * height);
    this.#bootstrap = new Bootstrap(settings.bootstrapS);
  }

  /** Nobody can tell yet, or just now, what in the picture is background. */
  get isUnknown(): boolean {
    if (this.#bootstrap !== null || this.#displacedT !== null || this.#otherT !== null) return true;
    return (this.#lastT ?? 0) - (this.#startT ?? 0) < UNKNOWN_SCENE_S;
  }

  /** Takes in a picture; answers whether the backgrounds now stand for it. */
  push(frame: Frame): boolean {
    const dtS = Math.min(1, Math.max(0.001, frame.t - (this.#lastT ?? frame.t - 0.1)));
    this.#lastT = frame.t;
    if (this.#bootstrap !== null) {
      this.#learn(this.#bootstrap, frame);
      return false;
    }
    const { long, foreground } = this.background;
    this.#light.measure(frame.data, long, this.#otherT === null ? foreground : NOTHING);
    this.#light.compensate(frame.data, this.#picture);
    const aligned = this.#align(frame.t);
    if (aligned === null) return false;
    this.background.update(aligned, dtS);
    return true;
  }

  /** Lets the background follow the light of the day, `sinceS` after the last time. */
  followLight(sinceS: number): void {
    this.#light.absorb(this.background.long, sinceS / LIGHT_TAU_S);
  }

  /** Whether most of the picture has been new for a while: somebody turned or covered the camera. */
  isOther(t: number): boolean {
    let count = 0;
    for (const value of this.background.foreground) count += value;
    const isChanged = count > SCENE_CHANGE_SHARE * this.background.foreground.length;
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
      return null;
    }
    this.#displacedT = null;
    if (shift.dx === 0 && shift.dy === 0) return this.#picture;
    this.#registration.undo(this.#picture, shift, long, this.#aligned);
    return this.#aligned;
  }

  /** One of the first pictures, brought into line with the very first. */
  #learn(bootstrap: Bootstrap, frame: Frame): void {
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
}
