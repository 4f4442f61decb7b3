import t from 'tap';
import { DualBackground } from '#agent/vision/background/background.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { type Component, componentOf, gridOf } from '#agent/vision/tracking/components.ts';
import { Movers } from '#agent/vision/tracking/movers.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';

const [WIDTH, HEIGHT] = [160, 120];
const GRID = gridOf(WIDTH, HEIGHT);
const STEP_S = 0.2;

/** What is seen of a body from `x` on, 16 pixels wide, between the rows. */
function body(x: number, top = 54, bottom = 100): Component {
  const cells: number[] = [];
  for (let row = top / 2; row < bottom / 2; row++) {
    for (let column = Math.max(0, x / 2); column < Math.min(GRID.columns, x / 2 + 8); column++)
      cells.push(row * GRID.columns + column);
  }
  return componentOf(cells, GRID);
}

/** Follows what is seen at each step, all of it moving or none of it. */
function followed(seen: readonly (readonly Component[])[], stepS = STEP_S, isMoving = true) {
  const scale = new PersonScale(WIDTH, HEIGHT);
  const movers = new Movers(WIDTH, HEIGHT, GRID, scale);
  const background = new DualBackground(WIDTH, HEIGHT, DEFAULT_SETTINGS);
  background.moving.fill(Number(isMoving));
  const picture = { data: new Uint8Array(WIDTH * HEIGHT), background };
  for (const [index, components] of seen.entries()) movers.update(components, picture, index * stepS);
  const [first] = movers.recent;
  return { movers, first, t: (seen.length - 1) * stepS };
}

const steps = (from: number, by: number, count: number): Component[][] =>
  Array.from({ length: count }, (_, index) => [body(from + by * index)]);
const nobody = (count: number): Component[][] => Array.from({ length: count }, () => []);

function hasWalkedOut(seen: readonly (readonly Component[])[], stepS = STEP_S, isMoving = true): boolean {
  const { movers, first, t } = followed(seen, stepS, isMoving);
  return first !== undefined && movers.hasWalkedOut(first, t);
}

t.test('who is lost at the edge they walk towards has walked out', async (t) => {
  t.ok(hasWalkedOut([...steps(80, 6, 13), ...nobody(6)]), 'to the right');
  t.ok(hasWalkedOut([...steps(66, -6, 13), ...nobody(6)]), 'to the left');
  t.notOk(hasWalkedOut(steps(80, 6, 13)), 'not yet, while they may be seen again');
});

t.test('who is lost in the middle, or while they stand at the edge, has not', async (t) => {
  t.notOk(hasWalkedOut([...steps(20, 6, 10), ...nobody(6)]), 'behind a pillar');
  t.notOk(hasWalkedOut([...steps(60, 8, 9), ...nobody(6)]), 'behind a pillar, a second before the edge');
  t.notOk(hasWalkedOut([...steps(144, 0, 13), ...nobody(6)], STEP_S, false), 'standing at the edge');
});

t.test('with a picture a second, the last one need not show them at the very edge', async (t) => {
  t.ok(hasWalkedOut([...steps(76, 12, 6), ...nobody(3)], 1));
  t.notOk(hasWalkedOut([...steps(20, 12, 5), ...nobody(3)], 1));
});

t.test('who walks gets somewhere, who turns on the spot stays about', async (t) => {
  const staysAbout = (seen: readonly (readonly Component[])[]): boolean | undefined => {
    const { movers, first, t: now } = followed(seen);
    return first === undefined ? undefined : movers.staysAbout(first, 4, now);
  };
  t.equal(staysAbout(steps(10, 4, 30)), false);
  t.equal(staysAbout(Array.from({ length: 30 }, (_, index) => [body(60 + (index % 2) * 6)])), true);
  t.equal(staysAbout([...steps(10, 6, 8), ...steps(52, 0, 26)]), true, 'came, and has stayed since');
});

t.test('somebody seen in two pieces holds the place where they stand', async (t) => {
  const pieces = (x: number): Component[] => [body(x, 54, 74), body(x, 76, 100)];
  const apart = pieces(62);
  const comes = Array.from({ length: 11 }, (_, index) => pieces(2 + 6 * index));
  const { movers, t: now } = followed([...comes, ...Array.from({ length: 5 }, () => apart)]);
  t.equal(movers.recent.length, 2, 'followed as two');
  const whole = componentOf([...(apart[0]?.cells ?? []), ...(apart[1]?.cells ?? [])], GRID);
  t.ok(movers.isHeldBySomebody(whole, now), 'a whole of which each covers a part only');
  t.notOk(movers.isHeldBySomebody(body(110), now), 'nobody is there');
});

t.test('what was first seen where it is holds nothing: it may be a ghost', async (t) => {
  const { movers, t: now } = followed(steps(60, 0, 20));
  t.notOk(movers.isHeldBySomebody(body(60), now));
});
