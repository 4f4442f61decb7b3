import t from 'tap';
import { DualBackground, LEVEL } from '#agent/vision/background/background.ts';
import { Gains } from '#agent/vision/judgement/gains.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { HEIGHT, WIDTH } from '../picture-maker.ts';
import { block, GRID } from './track-maker.ts';

/** A floor of tiles of many levels, of which `nowOf` tells what it is now. */
function seen(nowOf: (level: number, i: number) => number, wide = 20) {
  const background = new DualBackground(WIDTH, HEIGHT, DEFAULT_SETTINGS, 'plain');
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const tile = Math.floor(i / WIDTH / 2) * WIDTH + Math.floor((i % WIDTH) / 2);
    const level = 80 + (((tile * 2_654_435_761) >>> 8) % 60);
    background.long[i] = level * LEVEL;
    background.short[i] = Math.round(nowOf(level, i) * LEVEL);
  }
  return new Gains().of(block(60, 100, wide, wide), background, WIDTH, GRID);
}

t.test('shade is one factor, whatever the floor; a thing of one level is not', async (t) => {
  for (const factor of [0.5, 0.7, 1.5]) {
    const { gain, gainSpread } = seen((level) => level * factor);
    t.ok(Math.abs(gain / factor - 1) < 0.04, `${gain} of ${factor}`);
    t.ok(gainSpread < 0.07, `${gainSpread}`);
  }
  t.ok(seen(() => 50).gainSpread > 0.2);
  t.ok(seen((level, i) => (i % WIDTH < 70 ? level * 0.5 : level)).gainSpread > 0.5);
});

t.test('of a few cells nothing is told, and black is no division by nothing', async (t) => {
  t.equal(seen(() => 50, 6).gainSpread, 0);
  t.ok(Number.isFinite(seen(() => 0).gain));
});
