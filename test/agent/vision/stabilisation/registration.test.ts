import t from 'tap';
import { LEVEL } from '#agent/vision/background/background.ts';
import { Registration } from '#agent/vision/stabilisation/registration.ts';
import { HEIGHT, personAt, pictureOf, shifted, WIDTH } from '../picture-maker.ts';

const FURNITURE = [
  { x: 20, y: 20, w: 40, h: 30, level: 180 },
  { x: 90, y: 60, w: 50, h: 20, level: 60 },
];
const inLevels = (data: Uint8Array): Int16Array => Int16Array.from(data, (level) => level * LEVEL);

t.test('a shift is measured to a fifth of a pixel, whatever walks through the picture', async (t) => {
  const registration = new Registration(WIDTH, HEIGHT);
  const reference = pictureOf(FURNITURE, 0).data;
  registration.setReference(inLevels(reference));
  const foreground = new Uint8Array(WIDTH * HEIGHT);
  for (const [dx, dy] of [
    [0.5, -0.7],
    [2.3, 1.1],
    [-4.5, 3.2],
  ] as const) {
    const moved = shifted(pictureOf([...FURNITURE, personAt(64)], 0), [dx, dy]);
    const found = registration.measure(moved.data, null, foreground);
    t.ok(
      Math.abs(found.dx - dx) < 0.2 && Math.abs(found.dy - dy) < 0.2,
      `${dx}, ${dy}: ${found.dx}, ${found.dy}`,
    );
  }
  t.same(registration.measure(reference, null, foreground), { dx: 0, dy: 0 });
});
