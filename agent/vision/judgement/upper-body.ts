import { AGE_SECOND, type DualBackground } from '../background/background.ts';
import { groundDistance, type Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { footOf, heightOf, intersectionOf, type Rect } from '../tracking/rect.ts';

/** Where the head is of somebody who sits or stands with their feet at the thing's (person heights above them). */
const FROM_ABOVE = 0.4;
const TO_ABOVE = 1.1;
const HALF_WIDTH = 0.3;
/** A head covers 0.02 squares of a person height (0.13 wide, 0.16 tall); half of one is enough. */
const ENOUGH = 0.01;
/** Taller than this somebody is seen whole, and is where their feet are. */
const WHOLE = 0.7;

/** Younger than this a pixel does not keep still (units of age). */
const STILL = AGE_SECOND / 2;

/**
 * Whether somebody stands right over `rect`, of whom only pieces are seen: of a coat as grey as the wall behind it,
 * head, legs and shoes remain, and each alone would pass for a thing. Looks for what keeps still at the height of
 * a head; whoever is seen whole, and stands farther off, does not count, nor does what lies as still as a thing,
 * `things`.
 */
export function standsOver(
  rect: Rect,
  things: () => readonly Rect[],
  background: DualBackground,
  movers: Movers,
  scale: PersonScale,
  t: number,
): boolean {
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
  if (!isStill(zone, background, [], enough)) return false;
  const others = movers.recent.filter(
    (mover) =>
      movers.isLive(mover, t) &&
      heightOf(mover.rect) > WHOLE * scale.heightAt(mover.rect.bottom) &&
      groundDistance(scale, mover.rect, foot) > HALF_WIDTH,
  );
  const left = [...things(), ...others.map((mover) => mover.rect)].filter(
    (other) => intersectionOf(other, zone) > 0,
  );
  return left.length === 0 || isStill(zone, background, left, enough);
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

function isInAny(rects: readonly Rect[], x: number, y: number): boolean {
  for (const { left, right, top, bottom } of rects)
    if (x >= left && x < right && y >= top && y < bottom) return true;
  return false;
}
