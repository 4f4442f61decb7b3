import t from 'tap';
import { openKernel } from '#agent/vision/background/kernel/open.ts';
import { GAIN_ONE } from '#agent/vision/background/kernel/steps.ts';
import { Registration } from '#agent/vision/stabilisation/registration.ts';
import { HEIGHT, personAt, pictureOf, shifted, WIDTH } from '../picture-maker.ts';

const FURNITURE = [
  { x: 20, y: 20, w: 40, h: 30, level: 180 },
  { x: 90, y: 60, w: 50, h: 20, level: 60 },
];
const NOTHING = new Uint8Array(WIDTH * HEIGHT);

/** A registration against `reference`, and what measures a picture with it. */
function against(reference: Uint8Array, foreground = NOTHING) {
  const kernel = openKernel(WIDTH, HEIGHT);
  kernel.planes.gains.fill(GAIN_ONE);
  kernel.planes.frame.set(reference);
  const registration = new Registration(kernel);
  registration.setReference('frame');
  const show = (picture: Uint8Array) => kernel.planes.frame.set(picture);
  const measure = (picture: Uint8Array) => {
    show(picture);
    return registration.measure(foreground);
  };
  return { registration, show, measure };
}

const SHIFTS = [
  [0.5, -0.7],
  [1, 0],
  [0, -2],
  [2.3, 1.1],
  [-4.5, 3.2],
  [-5.6, -1.4],
] as const;
const AFAR = [
  [12, 7],
  [-31, 9.5],
] as const;

t.test('a shift is measured to 0.15 pixel', async (t) => {
  for (const [dx, dy] of SHIFTS) {
    const { measure } = against(pictureOf(FURNITURE, 0).data);
    const found = measure(shifted(pictureOf(FURNITURE, 0), [dx, dy]).data);
    const off = Math.hypot(found.dx - dx, found.dy - dy);
    t.ok(off <= 0.15, `${dx}, ${dy}: ${found.dx.toFixed(2)}, ${found.dy.toFixed(2)}`);
  }
});

t.test('a shift of many pixels is found, and to half of one', async (t) => {
  for (const [dx, dy] of AFAR) {
    const { measure } = against(pictureOf(FURNITURE, 0).data);
    const found = measure(shifted(pictureOf(FURNITURE, 0), [dx, dy]).data);
    const off = Math.hypot(found.dx - dx, found.dy - dy);
    t.ok(off <= 0.5, `${dx}, ${dy}: ${found.dx.toFixed(2)}, ${found.dy.toFixed(2)}`);
  }
});

t.test('whoever walks through the picture does not disturb it', async (t) => {
  const people = [personAt(64), personAt(110)];
  // Marked where they were a picture ago.
  const foreground = new Uint8Array(WIDTH * HEIGHT);
  for (const { x, y, w, h } of people) {
    for (let row = y; row < y + h; row++) foreground.fill(1, row * WIDTH + x - 3, row * WIDTH + x + w - 3);
  }
  for (const [dx, dy] of SHIFTS) {
    const { measure } = against(pictureOf(FURNITURE, 0).data, foreground);
    const found = measure(shifted(pictureOf([...FURNITURE, ...people], 0), [dx, dy]).data);
    const off = Math.hypot(found.dx - dx, found.dy - dy);
    t.ok(off <= 0.15, `${dx}, ${dy}: ${found.dx.toFixed(2)}, ${found.dy.toFixed(2)}`);
  }
});

t.test('nothing is found where nothing has moved', async (t) => {
  const { measure } = against(pictureOf(FURNITURE, 0).data);
  t.same(measure(pictureOf(FURNITURE, 0).data), { dx: 0, dy: 0 });
  t.same(measure(pictureOf([...FURNITURE, personAt(64)], 0).data), { dx: 0, dy: 0 });
});

t.test(
  'the probes see a shift of a pixel, and are not alarmed by noise or by who is known to be there',
  async (t) => {
    const still = pictureOf(FURNITURE, 0).data;
    const noisy = still.map((level, i) => level + ((i * 7919) % 9) - 4);
    const { registration, show } = against(still);
    for (let i = 0; i < 20; i++) {
      show(i % 2 === 0 ? noisy : still);
      t.notOk(registration.seemsMoved(NOTHING));
    }
    show(shifted(pictureOf(FURNITURE, 0), [1, 0]).data);
    t.ok(registration.seemsMoved(NOTHING));
    const everything = new Uint8Array(WIDTH * HEIGHT).fill(1);
    t.notOk(registration.seemsMoved(everything));
  },
);
