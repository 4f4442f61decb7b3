import type { Frame } from '#agent/ports/frames.ts';
import type { CameraPose } from '#agent/ports/vision-pose.ts';
import type { Box } from '#contract/event-data.ts';
import { Dice } from '../random.ts';
import {
  type Guest,
  type Itinerary,
  LONG_STAY_S,
  PUT_DOWN_S,
  ROUND_MINUTES,
  STAY_S,
  type Thing,
  type Visit,
} from './itinerary.ts';
import { drawPerson } from './people.ts';
import { outlineOf, type View, viewOf } from './view.ts';

/** Who looks at the pictures of a round. `wallMs` of each call grows as the robot goes about. */
export interface Watcher {
  setPose(pose: CameraPose): void;
  look(frame: Frame, wallMs: number): void;
}

export interface PlayOptions {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

/** Seconds on the move before a stop, and those that the robot stands before it counts as parked. */
const MOVING_S = 0.6;
const SETTLE_S = 2;
/** Noise of a pixel (grey levels). */
const NOISE_LEVELS = 2.5;
/** Slow drift of the exposure during a stay. */
const DRIFT = 0.03;

/** Plays the pictures of one stay after another; `onVisit` is called before each. */
export function playRound(
  itinerary: Itinerary,
  { width, height, framesPerSecond }: PlayOptions,
  watcher: Watcher,
  onVisit: (visit: Visit) => void,
): void {
  const dice = new Dice(itinerary.hall.seed + 1);
  const noise = noiseOf(dice);
  let t = 0;
  itinerary.visits.forEach((visit, index) => {
    onVisit(visit);
    const perRound = itinerary.visits.filter(({ round }) => round === 0).length;
    const arrivesMs = Date.UTC(2026, 0, 5) + (index * ROUND_MINUTES * 60_000) / perRound;
    const scene = new Stay(itinerary, visit, width, height);
    const lasts = MOVING_S + SETTLE_S + (scene.brings ? LONG_STAY_S : STAY_S);
    watcher.setPose({ still: false });
    let isStill = false;
    for (let step = 0; step < lasts * framesPerSecond; step++) {
      const into = step / framesPerSecond;
      if (into >= MOVING_S && !isStill) {
        isStill = true;
        watcher.setPose({ still: true, waypoint: visit.stop.name, heading: visit.stop.theta });
      }
      const data = exposed(scene.at(into - MOVING_S - SETTLE_S), visit, into, noise, dice);
      watcher.look({ width, height, t, data }, arrivesMs + into * 1000);
      t += 1 / framesPerSecond;
    }
  });
}

/** What is there at a visit, and whether it is brought during it. */
export const isThere = ({ stop, fromRound, untilRound }: Thing, { stopIndex, round }: Visit): boolean =>
  stop === stopIndex && round >= fromRound && round < untilRound;

/** The rectangle of a thing in the picture of a visit, as fractions; null where it is not in view. */
export function boxOf({ solid }: Thing, { eye }: Visit, width: number, height: number): Box | null {
  const outline = outlineOf(solid, eye, width, height);
  if (outline === null) return null;
  const [left, top] = [Math.max(0, outline[0]), Math.max(0, outline[1])];
  const [right, bottom] = [Math.min(width, outline[2]), Math.min(height, outline[3])];
  if (right <= left || bottom <= top) return null;
  return [left / width, top / height, (right - left) / width, (bottom - top) / height];
}

/** The pictures of one stay: what stands still is drawn once. */
class Stay {
  readonly brings: boolean;
  readonly #visit: Visit;
  readonly #before: View;
  readonly #after: View;

  constructor({ hall, things }: Itinerary, visit: Visit, width: number, height: number) {
    this.#visit = visit;
    const there = things.filter((thing) => isThere(thing, visit));
    const isNew = (thing: Thing) => thing.isBrought && thing.fromRound === visit.round;
    this.brings = there.some(isNew);
    const view = (some: readonly Thing[]) =>
      viewOf(
        hall,
        some.map(({ solid }) => solid),
        visit.lighting,
        visit.eye,
        width,
        height,
      );
    this.#after = view(there);
    this.#before = this.brings ? view(there.filter((thing) => !isNew(thing))) : this.#after;
  }

  /** Light of each pixel, `into` seconds after it parked; people are there while it settles, too. */
  at(into: number): Float32Array {
    const view = into < PUT_DOWN_S ? this.#before : this.#after;
    const radiance = view.radiance.slice();
    const light = this.#visit.lighting.ambient + 0.6;
    for (const guest of this.#visit.guests) {
      const where = whereIs(guest, into);
      if (where !== null) drawPerson(view, radiance, { ...guest, ...where }, light);
    }
    return radiance;
  }
}

/** Those who stand sway by a centimetre or two, as people do. */
function whereIs({ from, to, startS, speed, seed }: Guest, into: number) {
  if (speed === 0) {
    const sway = 0.02 * Math.sin(into * 1.3 + seed) + 0.012 * Math.sin(into * 2.9 + seed * 2);
    return { x: from[0] + sway, y: from[1] + sway / 2, stride: null };
  }
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const gone = (into - startS) * speed;
  if (gone < 0 || gone > length) return null;
  const share = gone / length;
  return {
    x: from[0] + (to[0] - from[0]) * share,
    y: from[1] + (to[1] - from[1]) * share,
    stride: gone * 4.2,
  };
}

function noiseOf(dice: Dice): Float32Array {
  return Float32Array.from({ length: 1 << 16 }, () => NOISE_LEVELS * dice.normal());
}

function exposed(
  radiance: Float32Array,
  { gain, gamma }: Visit,
  into: number,
  noise: Float32Array,
  dice: Dice,
): Uint8Array {
  const data = new Uint8Array(radiance.length);
  const exposure = gain * (1 + DRIFT * Math.sin(into / 4));
  const levels = levelsOf(exposure, gamma);
  const start = dice.whole(0, noise.length - 1);
  const stride = 2 * dice.whole(1, 3000) + 1;
  for (let i = 0, at = start; i < data.length; i++, at = (at + stride) & (noise.length - 1)) {
    const clean = levels[Math.min(levels.length - 1, Math.round((radiance[i] ?? 0) * 1000))] ?? 0;
    data[i] = Math.min(255, Math.max(0, clean + (noise[at] ?? 0) + 0.5));
  }
  return data;
}

/** Grey level by thousandths of light. */
function levelsOf(exposure: number, gamma: number): Float32Array {
  return Float32Array.from({ length: 4001 }, (_, i) => 255 * ((i / 1000) * 0.8 * exposure) ** gamma);
}
