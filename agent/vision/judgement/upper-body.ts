import { AGE_SECOND, type DualBackground } from '../background/background.ts';
import { groundDistance, type Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { footOf, heightOf, intersectionOf, type Rect } from '../tracking/rect.ts';
import { STIRS } from '../tracking/statics.ts';
import type { StaticTrack } from '../tracking/track.ts';

/** Where the head is of somebody who sits or stands with their feet at the thing's (person heights above them). */
const FROM_ABOVE = 0.4;
const TO_ABOVE = 1.1;
/** Beside it on a bench. */
const HALF_WIDTH = 0.45;
/** Nearer than this to the side somebody who is seen whole stands right over it. */
const OVER = 0.3;
/** A head covers 0.02 squares of a person height (0.13 wide, 0.16 tall); half of one is enough. */
const ENOUGH = 0.01;
/** Taller than this somebody is seen whole, and is where their feet are. */
const WHOLE = 0.7;

/** An arm's length and half a body to the side. */
const BESIDE = 0.45;
/** From the upper edge of a thing, a sixth of a person tall, up to the chin of who stands beside it. */
const REACH = 0.7;

const STIRRING_PX = 3;

/** Younger than this a pixel does not keep still (units of age). */
const STILL = AGE_SECOND / 2;

/** What there is right over a thing: something that keeps its place, and whether any of it moves at this moment. */
export type PresenceOver = 'nothing' | 'still' | 'stirring';

/**
 * Whether somebody may stand right over `rect`, of whom only pieces are seen: of a coat as grey as the wall behind it,
 * head, legs and shoes remain, and each alone would pass for a thing. Looks for what keeps still at the height of
 * a head; whoever is seen whole, and stands farther off, does not count, nor does what lies as still as a thing,
 * `things`.
 */
export function presenceOver(
  rect: Rect,
  things: () => readonly Rect[],
  background: DualBackground,
  movers: Movers,
  scale: PersonScale,
  t: number,
): PresenceOver {
  const person = scale.heightAt(rect.bottom);
  const foot = footOf(rect);
  const zone: Rect = {
    left: Math.max(0, Math.round(foot.x - HALF_WIDTH * person)),
    right: Math.min(background.width, Math.round(foot.x + HALF_WIDTH * person)),
    top: Math.max(0, Math.round(rect.bottom - TO_ABOVE * person)),
    bottom: Math.max(0, Math.min(rect.top, Math.round(rect.bottom - FROM_ABOVE * person))),
  };
  const enough = ENOUGH * person * person;
  // Over most things nothing keeps still at all, whoever stands around.
  if (!isStill(zone, background, [], enough)) return 'nothing';
  const others = movers.recent.filter(
    (mover) =>
      movers.isLive(mover, t) &&
      heightOf(mover.rect) > WHOLE * scale.heightAt(mover.rect.bottom) &&
      groundDistance(scale, mover.rect, foot) > OVER,
  );
  const left = [...things(), ...others.map((mover) => mover.rect)].filter(
    (other) => intersectionOf(other, zone) > 0,
  );
  if (left.length > 0 && !isStill(zone, background, left, enough)) return 'nothing';
  return stirs(zone, background, left) ? 'stirring' : 'still';
}

/**
 * Whether `other` keeps its place beside or over a thing, and stirs, and is no whole person: a piece of somebody who
 * sits or stands there. Nothing but people keeps its place without keeping still.
 */
export function isPieceBeside(other: StaticTrack, track: StaticTrack, scale: PersonScale): boolean {
  if (other.reportedAs !== null || other.hasKeptStill || other.residualMotion < STIRS) return false;
  const thing = track.component.rect;
  const piece = other.component.rect;
  const person = scale.heightAt(thing.bottom);
  const apart = Math.max(thing.left - piece.right, piece.left - thing.right);
  if (apart > BESIDE * person || heightOf(piece) > WHOLE * person) return false;
  return piece.bottom < thing.bottom + BESIDE * person && piece.bottom > thing.top - REACH * person;
}

/** Whether `enough` pixels in `zone` are new and have kept still for half a second, those of `others` left out. */
function isStill(zone: Rect, background: DualBackground, others: readonly Rect[], enough: number): boolean {
  const { age, ageWords, width } = background;
  let count = 0;
  for (let y = zone.top; y < zone.bottom; y++) {
    const end = y * width + zone.right;
    for (let i = y * width + zone.left; i < end; i++) {
      // Four pixels at once where nothing is new.
      if ((i & 3) === 0 && ageWords[i >> 2] === 0) i += 3;
      else if ((age[i] ?? 0) >= STILL && !isInAny(others, i - y * width, y) && ++count >= enough) return true;
    }
  }
  return count >= enough;
}

/** Whether anything moves in `zone`, `others` left out. */
function stirs(zone: Rect, { moving, width }: DualBackground, others: readonly Rect[]): boolean {
  let count = 0;
  for (let y = zone.top; y < zone.bottom; y++) {
    for (let x = zone.left; x < zone.right; x++)
      if ((moving[y * width + x] ?? 0) > 0 && !isInAny(others, x, y) && ++count >= STIRRING_PX) return true;
  }
  return false;
}

function isInAny(rects: readonly Rect[], x: number, y: number): boolean {
  for (const { left, right, top, bottom } of rects)
    if (x >= left && x < right && y >= top && y < bottom) return true;
  return false;
}
