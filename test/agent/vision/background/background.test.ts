import t from 'tap';
import { AGE_SECOND, DualBackground, LEVEL } from '#agent/vision/background/background.ts';
import { Bootstrap } from '#agent/vision/background/bootstrap.ts';
import { GAIN_ONE } from '#agent/vision/background/kernel/steps.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { writeTileRows } from '#agent/vision/stabilisation/illumination.ts';

const [WIDTH, HEIGHT] = [20, 4];

/** A background of one level, and what pushes pictures of one level into it. */
function flat(level: number, choice: 'fastest' | 'plain' = 'fastest') {
  const background = new DualBackground(WIDTH, HEIGHT, DEFAULT_SETTINGS, choice);
  const { planes } = background.kernel;
  writeTileRows(planes);
  planes.gains.fill(GAIN_ONE);
  background.reset(new Int16Array(WIDTH * HEIGHT).fill(level * LEVEL));
  const push = (now: number, dtS = 0.1) => {
    planes.frame.fill(now);
    background.update('frame', dtS);
  };
  return { background, push };
}

for (const choice of ['fastest', 'plain'] as const) {
  t.test(`a pixel is new at once, static after two seconds, its background frozen (${choice})`, async (t) => {
    const { background, push } = flat(100, choice);
    const ages: number[] = [];
    for (let i = 0; i < 40; i++) {
      push(30);
      ages.push((background.age[0] ?? 0) / AGE_SECOND);
    }
    t.equal(background.foreground[0], 1);
    t.equal(background.foregroundCount, WIDTH * HEIGHT);
    t.equal(background.long[0], 100 * LEVEL);
    const isStaticAt = ages.findIndex((age) => age >= DEFAULT_SETTINGS.staticS);
    t.ok(isStaticAt > 20 && isStaticAt < 38, 'two seconds after it stopped differing from the second before');
    t.ok(background.staticCells().every((cell) => cell === 1));
    push(100);
    t.equal(background.foreground[0], 0);
    t.equal(background.foregroundCount, 0);
  });
}

t.test('the long background follows by its time constant, however small the step of a picture', async (t) => {
  for (const dtS of [1 / 15, 0.1, 0.2, 1]) {
    const { background, push } = flat(100);
    for (let s = 0; s < DEFAULT_SETTINGS.tauLongS - 1e-6; s += dtS) push(104, dtS);
    const followed = ((background.long[0] ?? 0) / LEVEL - 100) / 4;
    t.ok(Math.abs(followed - (1 - 1 / Math.E)) < 0.06, `${dtS} s a picture: ${followed.toFixed(3)}`);
    for (let s = 0; s < 200; s += dtS) push(104, dtS);
    const left = 104 - (background.long[0] ?? 0) / LEVEL;
    t.ok(Math.abs(left) < 0.05, `and arrives: ${left}`);
  }
});

t.test('deviation learns the mean absolute deviation of the noise', async (t) => {
  const { background, push } = flat(100);
  const swing = [-6, 2, 5, -1, 0, -4, 4];
  for (let i = 0; i < 1500; i++) push(100 + (swing[i % swing.length] ?? 0));
  const expected = swing.reduce((sum, by) => sum + Math.abs(by), 0) / swing.length;
  const found = (background.deviation[0] ?? 0) / 16;
  t.ok(Math.abs(found - expected) < 0.5, `${found} of ${expected.toFixed(2)}`);
});

t.test('ages count seconds at any frame rate', async (t) => {
  for (const framesPerSecond of [1, 5, 7, 10, 15]) {
    const { background, push } = flat(100);
    for (let i = 0; i < 4 * framesPerSecond; i++) push(200, 1 / framesPerSecond);
    const before = (background.age[5] ?? 0) / AGE_SECOND;
    for (let i = 0; i < framesPerSecond; i++) push(200, 1 / framesPerSecond);
    const grown = (background.age[5] ?? 0) / AGE_SECOND - before;
    t.ok(Math.abs(grown - 1) < 0.08, `${framesPerSecond} a second: ${grown}`);
  }
});

t.test('the first background is without who walks through it', async (t) => {
  const background = new DualBackground(WIDTH, HEIGHT, DEFAULT_SETTINGS);
  const bootstrap = new Bootstrap(background, 2);
  let isThere = false;
  for (let i = 0; !isThere && i < 40; i++) {
    const picture = new Uint8Array(WIDTH * HEIGHT).fill(100);
    picture.fill(20, Math.floor(i / 4) * 4, Math.floor(i / 4) * 4 + 8);
    isThere = bootstrap.add(picture, i / 10);
  }
  t.ok(isThere);
  t.ok(background.long.every((level) => level === 100 * LEVEL));
  t.ok(background.short.every((level) => level === 100 * LEVEL));
  t.ok(
    background.age.every((age) => age === 0),
    'nothing is left of the pictures that waited',
  );
});

t.test('what is white in brighter light is no darker than the white wall that it was', async (t) => {
  for (const choice of ['fastest', 'plain'] as const) {
    const { background, push } = flat(240, choice);
    background.kernel.planes.gains.fill(Math.round(GAIN_ONE / 1.25));
    push(255);
    t.equal(background.foregroundCount, 0, choice);
    push(190);
    t.equal(background.foregroundCount, WIDTH * HEIGHT, choice);
  }
});
