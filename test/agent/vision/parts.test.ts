import t from 'tap';
import { componentsOf, gridOf } from '#agent/vision/tracking/components.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';

t.test('cells within the gap hang together, specks are left out', async (t) => {
  const grid = gridOf(20, 20);
  const mask = new Uint8Array(100);
  for (const cell of [11, 12, 14, 44, 88]) mask[cell] = 1;
  const found = componentsOf(mask, grid, 2, 8);
  t.equal(found.length, 1);
  t.match(found[0], { rect: { left: 2, top: 2, right: 10, bottom: 4 }, areaPx: 12 });
});

t.test('heights are learned from who walks by, in spite of some who bend or sit', async (t) => {
  const scale = new PersonScale(320, 240);
  for (let i = 0; i < 300; i++) {
    const row = 80 + (i % 150);
    const height = 0.6 * (row - 40);
    scale.learn(row, i % 5 === 0 ? height * 0.5 : height);
  }
  for (const row of [100, 150, 220]) {
    const expected = 0.6 * (row - 40);
    t.ok(Math.abs(scale.heightAt(row) - expected) < 0.1 * expected, `row ${row}`);
  }
});

t.test('a step deeper into the picture is farther than the same pixels sideways', async (t) => {
  const scale = new PersonScale(320, 240);
  const sideways = scale.distance({ x: 100, y: 120 }, { x: 120, y: 120 });
  const deeper = scale.distance({ x: 100, y: 120 }, { x: 100, y: 100 });
  t.ok(deeper > sideways);
});
