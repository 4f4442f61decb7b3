import t from 'tap';
import { DualBackground } from '#agent/vision/background/background.ts';
import { traced } from '#agent/vision/judgement/back-trace.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import type { Component } from '#agent/vision/tracking/components.ts';
import { Movers } from '#agent/vision/tracking/movers.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';
import { HEIGHT, WIDTH } from '../picture-maker.ts';
import { block, GRID, trackOf } from './track-maker.ts';

/** From `x` on, `wide` and `tall` pixels, with its feet at row 100. */
const standing = (x: number, tall: number, wide = 16): Component => block(x, 100, wide, tall);

/** Somebody 46 pixels tall comes from the left; from 4 s on what is followed under their number is so tall. */
function cameByItself(restTall: number, restWide = 16): boolean {
  const scale = new PersonScale(WIDTH, HEIGHT);
  const movers = new Movers(WIDTH, HEIGHT, GRID, scale);
  const background = new DualBackground(WIDTH, HEIGHT, DEFAULT_SETTINGS);
  const picture = { data: new Uint8Array(WIDTH * HEIGHT), background };
  for (let step = 0; step <= 30; step++) {
    const at = step < 20 ? standing(step * 4, 46) : standing(80, restTall, restWide);
    movers.update([at], picture, step / 5);
  }
  const track = trackOf(standing(80, restTall, restWide));
  return traced(track, movers, scale, DEFAULT_SETTINGS).walkedIn;
}

t.test(
  'who sits down came on their own feet; what is put down did not, though it is followed under their number',
  async (t) => {
    t.ok(cameByItself(46), 'somebody who stands there');
    t.ok(cameByItself(28), 'and who sits down');
    t.ok(cameByItself(14, 32), 'and the shadow at the feet of who stands there');
    t.notOk(cameByItself(20), 'a suitcase');
  },
);
