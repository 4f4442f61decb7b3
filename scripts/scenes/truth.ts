import type { Box } from '#contract/event-data.ts';
import type { Truth } from '../bench/detect-score.ts';
import { Brush } from './brush.ts';
import { distanceM, type Ground, type Optics, PERSON_M } from './optics.ts';
import type { Actor, Prop } from './play.ts';
import type { Expectation, Scene } from './scene.ts';
import { drawThing } from './things.ts';

/** A thing left behind in a drawn scene, with what is known of it. */
export interface SceneTruth extends Truth {
  readonly isOptional: boolean;
  readonly ends: 'reclaimed' | 'removed' | null;
  /** Since when nobody it belongs to is within reach, and when it has been so for the dwell time. */
  readonly aloneT: number;
  readonly dueT: number;
}

/** Within this of a thing one is with it beyond doubt: an arm's length (person heights). */
const SURELY_WITH = 0.6;
/** Beyond this one is not, beyond doubt: twice as far as two who talk stand apart. */
const SURELY_AWAY = 1.5;
/** A report is in time until this long after it was due: half the dwell time, and this. */
const GRACE_S = 8;
/** Nobody minds a report that comes this share of the dwell time early. */
const EARLY_SHARE = 0.1;
const STEP_S = 0.1;
/** Across a circle of `SURELY_WITH` at 0.65 person heights a second, a slow walk. */
const WALK_PAST_S = 2;
/** Half the width of a person at the shoulders (metres). */
const HALF_SHOULDERS_M = 0.25;

/** What is to be reported in a scene, by where everybody really is. */
export function truthsOf(scene: Scene): readonly SceneTruth[] {
  return scene.expectations.flatMap((expectation) => truthOf(scene, expectation) ?? []);
}

function truthOf(scene: Scene, expectation: Expectation): SceneTruth | null {
  const { prop, attendants, hiddenS, isOptional, ends, mayFrom } = expectation;
  const rests = prop.story.filter((at) => 'at' in at);
  for (const rest of rests.toReversed()) {
    const until = Math.min(rest.to, scene.durationS);
    const alone = longestAlone(scene, rest.at, rest.from, until, attendants);
    const dueT = alone.away.from + scene.dwellS;
    const lateS = GRACE_S + scene.dwellS / 2 + hiddenS;
    const box = boxOf(scene, prop, rest.at, rest.liftM);
    if (alone.away.to - alone.away.from < scene.dwellS || box === null) continue;
    return {
      what: `${scene.scenario} ${scene.seed}: ${prop.thing.shape}`,
      box,
      from: mayFrom ?? alone.without.from + (1 - EARLY_SHARE) * scene.dwellS - 0.5,
      to: Math.min(alone.away.to, dueT + lateS),
      isOptional,
      ends,
      aloneT: alone.away.from,
      dueT,
    };
  }
  return null;
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

/**
 * The longest time with every attendant surely away, and the one around it with none surely beside it for longer than
 * it takes to walk past: whether they come back with that, nobody can tell.
 */
function longestAlone(
  scene: Scene,
  at: Ground,
  from: number,
  to: number,
  attendants: readonly Actor[],
): { away: Interval; without: Interval } {
  const away = longest(intervals(from, to, (t) => nearest(scene, at, attendants, t) > SURELY_AWAY));
  const without = joined(intervals(from, to, (t) => nearest(scene, at, attendants, t) > SURELY_WITH));
  const around = without.find((one) => one.from <= away.from && one.to >= away.to) ?? away;
  return { away, without: around };
}

const longest = (all: readonly Interval[]): Interval =>
  all.reduce((best, one) => (one.to - one.from > best.to - best.from ? one : best), { from: 0, to: 0 });

/** Intervals with no more than a walk past between them are one. */
function joined(all: readonly Interval[]): readonly Interval[] {
  const found: Interval[] = [];
  for (const one of all) {
    const last = found.at(-1);
    if (last === undefined || one.from - last.to > WALK_PAST_S) found.push(one);
    else found.splice(-1, 1, { from: last.from, to: one.to });
  }
  return found;
}

function intervals(from: number, to: number, holds: (t: number) => boolean): Interval[] {
  const found: Interval[] = [];
  let since: number | null = null;
  for (let t = from; t <= to; t += STEP_S) {
    if (holds(t)) since ??= t;
    else if (since !== null) {
      found.push({ from: since, to: t });
      since = null;
    }
  }
  if (since !== null) found.push({ from: since, to });
  return found;
}

/** In person heights; who is out of the picture is far away. */
function nearest({ stage }: Scene, at: Ground, attendants: readonly Actor[], t: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const actor of attendants) {
    const place = actor.placeAt(t);
    if (place !== null && isInView(stage.optics, place))
      least = Math.min(least, distanceM(place, at) / PERSON_M);
  }
  return least;
}

/** Whether any of somebody who stands there is in the picture. */
function isInView(optics: Optics, at: Ground): boolean {
  const half = HALF_SHOULDERS_M * optics.scaleAt(at.z);
  const column = optics.columnOf(at);
  return column + half > 0 && column - half < optics.size.width;
}

/** What can be seen of a thing at rest, by drawing it alone; null when it is hidden or outside. */
export function boxOf(scene: Scene, { thing }: Prop, at: Ground, liftM: number): Box | null {
  const { optics, occluders } = scene.stage;
  const { width, height } = optics.size;
  const mask = new Float32Array(width * height);
  const pxPerM = optics.scaleAt(at.z);
  const plain = { ...thing, level: 100, accent: 100 };
  drawThing(
    new Brush(mask, { width, height }),
    plain,
    optics.columnOf(at),
    optics.rowOf(at.z) - liftM * pxPerM,
    pxPerM,
  );
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if ((mask[i] ?? 0) < 50) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    if (occluders.some((one) => one.z < at.z && x >= one.left && x < one.right && y < one.bottom)) continue;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  if (right <= left) return null;
  return [left / width, top / height, (right - left) / width, (bottom - top) / height];
}
