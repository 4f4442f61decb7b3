import { AGE_SECOND, type DualBackground } from '../background/background.ts';
import { groundDistance, type Movers } from '../tracking/movers.ts';
import type { PersonScale } from '../tracking/person-scale.ts';
import { footOf, heightOf, type Rect } from '../tracking/rect.ts';

/** Where the head is of somebody who sits or stands with their feet at the thing's (person heights above them). */
const FROM_ABOVE = 0.4;
const TO_ABOVE = 1.1;
const HALF_WIDTH = 0.3;
/** A head covers 0.02 squares of a person height (0.13 wide, 0.16 tall); half of one is enough. */
const ENOUGH = 0.01;
/** Taller than this somebody is seen whole, and is where their feet are. */
const WHOLE = 0.7;

/**
 * Whether somebody stands right over `rect`, of whom only pieces are seen: of a coat as grey as the wall behind it,
 * head, legs and shoes remain, and each alone would pass for a thing. Looks for what keeps still at the height of
 * a head; whoever is seen whole, and stands farther off, does not count, nor does what lies as still as a thing,
 * `things`.
 */
export function standsOver(
  rect: Rect,
  things: readonly Rect[],
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
  const others = movers.recent.filter(
    (mover) =>
      movers.isLive(mover, t) &&
      heightOf(mover.rect) > WHOLE * scale.heightAt(mover.rect.bottom) &&
      groundDistance(scale, mover.rect, foot) > HALF_WIDTH,
  );
  const left = [...things, ...others.map((mover) => mover.rect)];
  return stillIn(zone, background, left) >= ENOUGH * person * person;
}

/** Pixels in `zone` that are new and have kept still for half a second, those of `others` left out. */
function stillIn(zone: Rect, background: DualBackground, others: readonly Rect[]): number {
  const { age, width } = background;
  let count = 0;
  for (let y = zone.top; y < zone.bottom; y++) {
    for (let x = zone.left; x < zone.right; x++) {
      if ((age[y * width + x] ?? 0) < AGE_SECOND / 2) continue;
      if (!others.some((rect) => isIn(rect, x, y))) count++;
    }
  }
  return count;
}

const isIn = ({ left, right, top, bottom }: Rect, x: number, y: number): boolean =>
  x >= left && x < right && y >= top && y < bottom;
