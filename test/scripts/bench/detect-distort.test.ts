import t from 'tap';
import type { Frame } from '#agent/ports/frames.ts';
import { cropped, mirrored, withLevels, withNoise, withShake } from '#scripts/bench/detect-distort.ts';
import { PERTURBATIONS } from '#scripts/bench/detect-perturbations.ts';
import { randomFrom } from '#scripts/scenes/random.ts';

const WIDTH = 8;
const ramp: Frame = {
  width: WIDTH,
  height: 4,
  t: 0,
  data: Uint8Array.from({ length: 32 }, (_, i) => 100 + 10 * (i % WIDTH)),
};
const only = (frames: Iterable<Frame>): Frame => {
  const [frame = ramp] = [...frames];
  return frame;
};
const firstRow = (frame: Frame) => [...frame.data.subarray(0, frame.width)];

t.test('mirrored twice is the same picture, once is not', async (t) => {
  const once = only(mirrored([ramp]));
  t.same(firstRow(once), firstRow(ramp).reverse());
  t.same(only(mirrored([once])).data, ramp.data);
});

t.test('a camera moved by half a pixel shows the mean of two', async (t) => {
  t.same(firstRow(only(withShake([ramp], () => [0.5, 0]))), [100, 105, 115, 125, 135, 145, 155, 165]);
});

t.test('levels stay within a byte, and noise has the deviation asked for', async (t) => {
  t.same(firstRow(only(withLevels([ramp], (level) => level * 2))), [200, 220, 240, 255, 255, 255, 255, 255]);
  const grey: Frame = { width: 100, height: 100, t: 0, data: new Uint8Array(10_000).fill(128) };
  const { data } = only(withNoise([grey], 4, randomFrom(1)));
  const variance = data.reduce((sum, level) => sum + (level - 128) ** 2, 0) / data.length;
  t.ok(Math.abs(Math.sqrt(variance) - 4) < 0.2, `deviation ${Math.sqrt(variance).toFixed(2)}`);
});

t.test('a cropped picture and its truth go together', async (t) => {
  const crop = PERTURBATIONS.find(({ name }) => name.startsWith('cropped'));
  const size = 100;
  const data = Uint8Array.from({ length: size * size }, (_, i) =>
    i % size >= 40 && i % size < 60 && Math.floor(i / size) >= 50 && Math.floor(i / size) < 60 ? 255 : 0,
  );
  const cut = only(cropped([{ width: size, height: size, t: 0, data }], 0.05));
  const truth = crop?.truth?.({ what: '', from: 0, to: 1, box: [0.4, 0.5, 0.2, 0.1] });
  const [x = 0, y = 0] = truth?.box ?? [];
  const corner = Math.round(y * cut.height) * cut.width + Math.round(x * cut.width);
  t.equal(cut.data[corner], 255);
  t.equal(cut.data[corner - 1], 0);
  t.equal(cut.data[corner - cut.width], 0);
});

t.test('every perturbation of the list has a name of its own', async (t) => {
  t.equal(new Set(PERTURBATIONS.map(({ name }) => name)).size, PERTURBATIONS.length);
  t.ok(PERTURBATIONS.length >= 14);
});
