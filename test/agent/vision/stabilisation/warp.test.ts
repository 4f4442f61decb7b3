import t from 'tap';
import { DualBackground, LEVEL } from '#agent/vision/background/background.ts';
import { GAIN_ONE } from '#agent/vision/background/kernel/steps.ts';
import { DEFAULT_SETTINGS } from '#agent/vision/settings.ts';
import { writeTileRows } from '#agent/vision/stabilisation/illumination.ts';
import { alignPicture, moveBackground } from '#agent/vision/stabilisation/warp.ts';

const [WIDTH, HEIGHT] = [64, 48];
/** Smooth enough to be moved by parts of a pixel. */
const levelAt = (x: number, y: number): number => 120 + 60 * Math.sin(x / 4) + 40 * Math.cos(y / 5);
const picture = (dx: number, dy: number): Uint8Array =>
  Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    Math.round(levelAt((i % WIDTH) - dx, Math.floor(i / WIDTH) - dy)),
  );

function sceneWith(frame: Uint8Array): DualBackground {
  const background = new DualBackground(WIDTH, HEIGHT, DEFAULT_SETTINGS);
  const { planes } = background.kernel;
  writeTileRows(planes);
  planes.gains.fill(GAIN_ONE);
  background.reset(Int16Array.from(picture(0, 0), (level) => level * LEVEL));
  planes.frame.set(frame);
  return background;
}

for (const [dx, dy] of [
  [0.5, -0.5],
  [2, 1],
  [-3.3, 4.7],
  [5, 0],
] as const) {
  t.test(`a picture moved by ${dx}, ${dy} is moved back to within two levels`, async (t) => {
    const { kernel } = sceneWith(picture(dx, dy));
    alignPicture(kernel, { dx, dy }, 'background');
    const expected = picture(0, 0);
    const off = kernel.planes.aligned.map((level, i) => Math.abs(level - (expected[i] ?? 0)));
    t.ok(Math.max(...off) <= 2, `worst ${Math.max(...off)}`);
  });

  t.test(
    `a background moved by ${dx}, ${dy} fits the picture of now, with what is timed in it`,
    async (t) => {
      const background = sceneWith(picture(dx, dy));
      background.age[20 * WIDTH + 30] = 99;
      moveBackground(background, { dx, dy });
      const expected = picture(dx, dy);
      const worst = background.long.reduce(
        (most, level, i) => Math.max(most, Math.abs(level / LEVEL - (expected[i] ?? 0))),
        0,
      );
      t.ok(worst <= 6, `worst ${worst.toFixed(1)} levels, at the rim`);
      t.equal(background.age[(20 + Math.round(dy)) * WIDTH + 30 + Math.round(dx)], 99);
    },
  );
}
