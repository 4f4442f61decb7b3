import t from 'tap';
import { DualBackground } from '#agent/vision/background/background.ts';
import { Bootstrap } from '#agent/vision/background/bootstrap.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { Illumination } from '#agent/vision/stabilisation/illumination.ts';
import { Registration } from '#agent/vision/stabilisation/registration.ts';
import { componentsOf, gridOf } from '#agent/vision/tracking/components.ts';
import { PersonScale } from '#agent/vision/tracking/person-scale.ts';
import { HEIGHT, personAt, pictureOf, shifted, WIDTH } from './picture-maker.ts';

t.test('light that changes differently from tile to tile is undone', async (t) => {
  const [width, height] = [160, 120];
  const background = Float32Array.from({ length: width * height }, (_, i) => 80 + (i % 7) * 10);
  const gain = (i: number) => 0.8 + (0.4 * (i % width)) / width;
  const data = Uint8Array.from(background, (level, i) => Math.round(level * gain(i)));
  const light = new Illumination(width, height);
  light.measure(data, background, new Uint8Array(0));
  const out = new Float32Array(data.length);
  light.compensate(data, out);
  const inner = out.filter((_, i) => i % width > 20 && i % width < 140);
  const expected = background.filter((_, i) => i % width > 20 && i % width < 140);
  const worst = inner.reduce((most, level, i) => Math.max(most, Math.abs(level - (expected[i] ?? 0))), 0);
  t.ok(worst < 8, `off by at most ${worst.toFixed(1)} levels of ${160 * 0.2}`);
});

t.test(
  'a pixel is new at once, static after two seconds, and background stays frozen under it',
  async (t) => {
    const background = new DualBackground(1, DEFAULT_SETTINGS);
    background.reset(Float32Array.of(100), Float32Array.of(100));
    const ages: number[] = [];
    for (let i = 0; i < 40; i++) {
      background.update(Float32Array.of(30), 0.1);
      ages.push(background.age[0] ?? 0);
    }
    t.equal(background.foreground[0], 1);
    t.equal(background.long[0], 100);
    const isStaticAt = ages.findIndex((age) => age >= DEFAULT_SETTINGS.staticS);
    t.ok(isStaticAt > 20 && isStaticAt < 38, 'two seconds after it stopped differing from the second before');
    background.update(Float32Array.of(100), 0.1);
    t.equal(background.foreground[0], 0);
  },
);

t.test('the first background is without who walks through it', async (t) => {
  const bootstrap = new Bootstrap(2);
  let background: Float32Array | null = null;
  for (let i = 0; background === null && i < 40; i++) {
    const picture = new Float32Array(10).fill(100);
    picture.fill(20, Math.floor(i / 4), Math.floor(i / 4) + 2);
    background = bootstrap.add(picture, i / 10);
  }
  t.same([...(background ?? [])], new Array(10).fill(100));
});

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

t.test('a shift is measured to a fifth of a pixel, whatever walks through the picture', async (t) => {
  const [width, height] = [WIDTH, HEIGHT];
  const furniture = [
    { x: 20, y: 20, w: 40, h: 30, level: 180 },
    { x: 90, y: 60, w: 50, h: 20, level: 60 },
  ];
  const reference = Float32Array.from(pictureOf(furniture, 0).data);
  const registration = new Registration(width, height);
  registration.setReference(reference);
  const foreground = new Uint8Array(width * height);
  for (const [dx, dy] of [
    [0.5, -0.7],
    [2.3, 1.1],
    [-4.5, 3.2],
  ] as const) {
    const walker = personAt(64);
    const moved = shifted(pictureOf([...furniture, walker], 0), [dx, dy]);
    const found = registration.measure(Float32Array.from(moved.data), foreground);
    t.ok(
      Math.abs(found.dx - dx) < 0.2 && Math.abs(found.dy - dy) < 0.2,
      `${dx}, ${dy}: ${found.dx}, ${found.dy}`,
    );
  }
  t.same(registration.measure(reference, foreground), { dx: 0, dy: 0 });
});
