import t from 'tap';
import { componentOf, gridOf } from '#agent/vision/tracking/components.ts';
import { GreyLook, levelsApart } from '#agent/vision/tracking/grey-look.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';

const WIDTH = 64;
const GRID = gridOf(WIDTH, 64);

/** Somebody in cells 4 to 7 across, 2 to 21 down, of two levels. */
function somebody(upper: number, lower: number): GreyLook {
  const cells: number[] = [];
  for (let row = 2; row < 22; row++)
    for (let column = 4; column < 8; column++) cells.push(row * GRID.columns + column);
  const picture = Uint8Array.from({ length: WIDTH * 64 }, (_, i) =>
    Math.floor(i / WIDTH) < 24 ? upper : lower,
  );
  const look = new GreyLook();
  for (let seen = 0; seen < 6; seen++) look.see(componentOf(cells, GRID), picture, WIDTH, GRID);
  return look;
}

t.test('the same coat in slightly other light may be the same person, another coat is not', async (t) => {
  t.equal(somebody(60, 120).mayBe(somebody(66, 112)), true);
  t.equal(somebody(60, 120).mayBe(somebody(60, 200)), false);
  t.equal(somebody(60, 120).mayBe(somebody(90, 120)), null, 'between the two nothing is said');
  t.equal(somebody(60, 120).mayBe(new GreyLook()), null, 'nor of who was hardly seen');
});

t.test('a distance of looks is in grey levels', async (t) => {
  const at = (bin: number) => Float32Array.from({ length: 16 }, (_, i) => (i === bin ? 1 : 0));
  t.equal(levelsApart(at(3), at(3)), 0);
  t.equal(levelsApart(at(3), at(5)), 32);
});

t.test('heights are learned though the camera hangs twice as high as usual', async (t) => {
  for (const factor of [0.5, 0.7, 1.6]) {
    const scale = new PersonScale(320, 240);
    const truth = (row: number) => factor * (28.8 + 0.35 * row);
    for (let i = 0; i < 60; i++)
      scale.learn(90 + (i % 12) * 12, truth(90 + (i % 12) * 12) * (1 + 0.03 * Math.sin(i)));
    t.ok(scale.isLearned);
    for (const row of [100, 160, 220]) {
      t.ok(Math.abs(scale.heightAt(row) / truth(row) - 1) < 0.1, `×${factor}, row ${row}`);
    }
  }
});

t.test(
  'that people are taller than guessed is believed of the first one, that they are smaller is not',
  async (t) => {
    const seen = (factor: number, times: number) => {
      const scale = new PersonScale(320, 240);
      const before = scale.heightAt(160);
      for (let i = 0; i < times; i++) scale.learn(160, factor * before);
      return scale.heightAt(160) / before;
    };
    t.ok(seen(1.4, 6) > 1.3);
    t.ok(seen(3, 6) < 1.6, 'two who are taken for one are not believed');
    t.ok(seen(1.4, 3) < 1.1, 'less than one who walks by');
    t.ok(seen(0.6, 6) > 0.9, 'a coat as grey as the wall');
  },
);

t.test('the feet under a head are a person lower, and what was learned survives a restart', async (t) => {
  const scale = new PersonScale(320, 240);
  const foot = scale.footUnder(60);
  t.ok(Math.abs(foot - scale.heightAt(foot) - 60) < 0.01);
  for (let i = 0; i < 60; i++) scale.learn(100 + i, 40);
  const again = new PersonScale(320, 240);
  again.restore(scale.save());
  t.ok(Math.abs(again.heightAt(120) - scale.heightAt(120)) < 1);
});
