import t from 'tap';
import { LEVEL } from '#agent/vision/background/background.ts';
import { openKernel } from '#agent/vision/background/kernel/open.ts';
import { GAIN_ONE } from '#agent/vision/background/kernel/steps.ts';
import { Illumination, writeTileRows } from '#agent/vision/stabilisation/illumination.ts';

const [WIDTH, HEIGHT] = [160, 120];
const background = Int16Array.from({ length: WIDTH * HEIGHT }, (_, i) => (80 + (i % 7) * 10) * LEVEL);
const litBy = (gain: (x: number, y: number) => number): Uint8Array =>
  Uint8Array.from(background, (level, i) =>
    Math.round((level / LEVEL) * gain(i % WIDTH, Math.floor(i / WIDTH))),
  );

/** The gain that the kernel will use at a pixel: tiles interpolated down and across. */
function gainsFor(picture: Uint8Array, foreground: Uint8Array | null = null) {
  const light = new Illumination(WIDTH, HEIGHT);
  const { planes } = openKernel(WIDTH, HEIGHT);
  writeTileRows(planes);
  light.measure(picture, background, foreground);
  light.writeGains(planes);
  const { gains, rows } = planes;
  return (x: number, y: number): number => {
    const above = (rows[y * 2] ?? 0) * WIDTH + x;
    const weight = (rows[y * 2 + 1] ?? 0) / 32_768;
    return ((gains[above] ?? 0) * (1 - weight) + (gains[above + WIDTH] ?? 0) * weight) / GAIN_ONE;
  };
}

t.test('one gain for all of the picture is found to two percent', async (t) => {
  for (const gain of [0.5, 0.7, 0.8, 1, 1.2, 1.35]) {
    const found = 1 / gainsFor(litBy(() => gain))(80, 60);
    t.ok(Math.abs(found / gain - 1) < 0.02, `${gain}: ${found.toFixed(3)}`);
  }
});

t.test('light that changes differently from place to place is undone', async (t) => {
  const gain = (x: number) => 0.8 + (0.4 * x) / WIDTH;
  const gainAt = gainsFor(litBy(gain));
  for (let x = 12; x < WIDTH - 12; x += 4) {
    t.ok(Math.abs(gainAt(x, 60) * gain(x) - 1) < 0.03, `column ${x}: ${gainAt(x, 60) * gain(x)}`);
  }
});

t.test('things that cover a third of the picture are not taken for light', async (t) => {
  const picture = litBy(() => 0.9);
  for (let y = 0; y < HEIGHT; y++) picture.fill(20, y * WIDTH + 100, y * WIDTH + 150);
  const gainAt = gainsFor(picture);
  t.ok(Math.abs(1 / gainAt(40, 60) / 0.9 - 1) < 0.02);
});

t.test('where all is foreground and has changed by one factor, it is light after all', async (t) => {
  const everything = new Uint8Array(WIDTH * HEIGHT).fill(1);
  const found =
    1 /
    gainsFor(
      litBy(() => 0.6),
      everything,
    )(80, 60);
  t.ok(Math.abs(found / 0.6 - 1) < 0.02, found.toFixed(3));
});

t.test('a crowd that hides the background is not taken for light', async (t) => {
  const picture = litBy((x, y) => (y > 30 ? 0.3 + 0.9 * (((x * 7 + y * 13) % 17) / 17) : 1));
  const crowd = Uint8Array.from(picture, (_, i) => (i > 30 * WIDTH ? 1 : 0));
  const found = 1 / gainsFor(picture, crowd)(80, 10);
  t.ok(Math.abs(found - 1) < 0.02, found.toFixed(3));
});
