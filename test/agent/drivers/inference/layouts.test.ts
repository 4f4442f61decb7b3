import fc from 'fast-check';
import t from 'tap';
import type { Tensor } from '#agent/drivers/inference/backend.ts';
import { foundIn } from '#agent/drivers/inference/layouts.ts';
import { boxInPicture, inputFrom, letterboxOf } from '#agent/drivers/inference/letterbox.ts';
import { type Found, suppressed } from '#agent/drivers/inference/suppression.ts';
import { ModelConfig } from '#agent/ports/object-detector.ts';
import { greyPicture } from './sample-models.ts';

const configOf = (layout: object, more: object = {}): ModelConfig =>
  ModelConfig.parse({
    backend: 'onnx',
    file: '/model.onnx',
    input: { name: 'image', width: 100, height: 200, order: 'nchw' },
    labels: ['person', 'suitcase'],
    layout,
    ...more,
  });
const tensor = (shape: readonly number[], ...data: number[]): Tensor => ({ shape, data });

t.test('a box goes into the input and comes back as it was, whatever the sizes', async (t) => {
  const side = fc.integer({ min: 32, max: 1280 });
  const fraction = fc.double({ min: 0, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(
      side,
      side,
      side,
      side,
      fraction,
      fraction,
      (width, height, inputWidth, inputHeight, x, y) => {
        const { input } = configOf({ family: 'yolo', output: 'o' });
        const picture = { width, height };
        const box = [x, y, 0.25, 0.4] as const;
        const letterbox = letterboxOf(picture, { ...input, width: inputWidth, height: inputHeight });
        const { scale, left, top } = letterbox;
        const [x0, y0] = [left + x * width * scale, top + y * height * scale];
        const corners = [x0, y0, x0 + 0.25 * width * scale, y0 + 0.4 * height * scale] as const;
        const back = boxInPicture(corners, letterbox, picture);
        const isInside = x0 >= -1e-9 && corners[2] <= inputWidth + 1e-6 && corners[3] <= inputHeight + 1e-6;
        return isInside && back?.every((value, at) => Math.abs(value - (box[at] ?? 0)) < 1e-9) === true;
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

t.test(
  'a picture is resampled in proportion, centred between grey bars, and normalised for each channel',
  async (t) => {
    const picture = greyPicture(8, 4, [{ x: 0, y: 0, w: 4, h: 4, level: 255 }]);
    const input = {
      ...configOf({ family: 'yolo', output: 'o' }).input,
      width: 4,
      height: 4,
      mean: [0, 127, 0] as [number, number, number],
      scale: [255, 1, 1] as [number, number, number],
    };
    const { shape, data } = inputFrom(picture, input);
    t.same(shape, [1, 3, 4, 4]);
    const levels = [...data.subarray(32)];
    t.same(levels.slice(0, 4), [114, 114, 114, 114], 'a bar above');
    t.same(levels.slice(4, 8), [255, 255, 127, 127]);
    t.same(levels.slice(12), [114, 114, 114, 114], 'and one below');
    t.same([...data.subarray(20, 24)], [128, 128, 0, 0], 'the second channel less its mean');
    t.equal(data[4], 1);
    const interleaved = inputFrom(picture, { ...input, order: 'nhwc' });
    t.same(interleaved.shape, [1, 4, 4, 3]);
    t.same([...interleaved.data.subarray(12, 15)], [1, 128, 255]);
    const bytes = inputFrom(picture, { ...input, type: 'uint8' }).data;
    t.ok(bytes instanceof Uint8Array && bytes[4] === 255, 'uint8 enters as it is');
  },
);

t.test('an SSD box is read in the order and unit of the profile', async (t) => {
  const outputs = (...box: number[]) =>
    new Map([
      ['b', tensor([1, 1, 4], ...box)],
      ['c', tensor([1, 1], 2)],
      ['s', tensor([1, 1], 0.9)],
    ]);
  const layout = { family: 'ssd', boxes: 'b', classes: 'c', scores: 's' };
  const expected = [{ label: 'suitcase', score: 0.9, corners: [10, 40, 50, 160] }];
  t.same(foundIn(outputs(0.2, 0.1, 0.8, 0.5), configOf(layout)), expected);
  const pixels = { ...layout, order: 'xyxy', unit: 'pixel' };
  t.same(foundIn(outputs(10, 40, 50, 160), configOf(pixels)), expected);
  t.match(foundIn(outputs(10, 40, 50, 160), configOf({ ...pixels, firstClass: 2 })), [{ label: 'person' }]);
});

t.test(
  'classes without a label, scores below the least and numbers that are none are passed over',
  async (t) => {
    const layout = { family: 'ssd', boxes: 'b', classes: 'c', scores: 's' };
    const outputs = new Map([
      ['b', tensor([1, 4, 4], ...[0, 0, 1, 1], ...[0, 0, 1, 1], ...[0, 0, 1, Number.NaN], ...[0, 0, 1, 1])],
      ['c', tensor([1, 4], 0, 1, 1, 1)],
      ['s', tensor([1, 4], 0.9, 0.3, 0.9, Number.NaN)],
    ]);
    t.same(foundIn(outputs, configOf(layout)), []);
  },
);

t.test(
  'a YOLO box is its centre and size, its class the best one, times objectness where there is one',
  async (t) => {
    const layout = { family: 'yolo', output: 'o', rows: 'anchors', hasObjectness: true, unit: 'fraction' };
    const outputs = new Map([
      ['o', tensor([1, 2, 7], ...[0.5, 0.5, 0.2, 0.4, 0.9, 0.3, 0.8], ...[0, 0, 1, 1, 0.2, 1, 0])],
    ]);
    const [found, ...others] = foundIn(outputs, configOf(layout));
    t.equal(found?.label, 'suitcase');
    t.ok(Math.abs((found?.score ?? 0) - 0.72) < 1e-9);
    t.same(found?.corners.map(Math.round), [40, 60, 60, 140]);
    t.same(others, [], 'what is hardly an object is none, however sure of its class');
  },
);

t.test('outputs of another shape are refused with what came and what was expected', async (t) => {
  const layout = { family: 'ssd', boxes: 'b', classes: 'c', scores: 's' };
  const good = { b: tensor([1, 1, 4], 0, 0, 1, 1), c: tensor([1, 1], 1), s: tensor([1, 1], 1) };
  const refusal = (more: object) => () =>
    foundIn(new Map(Object.entries({ ...good, ...more })), configOf(layout));
  t.doesNotThrow(refusal({}));
  t.throws(refusal({ b: tensor([1, 4, 1], 0, 0, 1, 1) }), {
    code: 'WP2454',
    detail: 'b is [1, 4, 1], expected [1, n, 4]',
  });
  t.throws(refusal({ s: tensor([1, 2], 1, 1) }), { code: 'WP2454', detail: 's is [1, 2], expected [1, 1]' });
  t.throws(refusal({ c: tensor([1, 2], 1, 1) }), { code: 'WP2454', detail: 'c is [1, 2], expected [1, 1]' });
  const { b, s } = good;
  t.throws(
    () =>
      foundIn(
        new Map([
          ['b', b],
          ['s', s],
        ]),
        configOf(layout),
      ),
    { code: 'WP2454', detail: /c is missing among b/ },
  );
});

t.test(
  'of boxes that are one thing the best is kept, but things of two labels may share a place',
  async (t) => {
    const box = (label: string, score: number, x: number): Found => ({
      label,
      score,
      corners: [x, 0, x + 10, 10],
    });
    const kept = suppressed([
      box('person', 0.5, 1),
      box('person', 0.9, 0),
      box('suitcase', 0.6, 0),
      box('person', 0.7, 9),
    ]);
    t.same(
      kept.map(({ label, score }) => [label, score]),
      [
        ['person', 0.9],
        ['person', 0.7],
        ['suitcase', 0.6],
      ],
    );
  },
);

t.test('a profile whose model cannot be right is refused where it is read', async (t) => {
  const refused = (more: object) =>
    ModelConfig.safeParse({ ...configOf({ family: 'yolo', output: 'o' }), ...more });
  t.ok(refused({}).success);
  t.match(refused({ file: 'model.onnx' }).error?.issues, [{ path: ['file'], message: /whole path/ }]);
  t.match(refused({ backend: 'tfjs' }).error?.issues, [{ path: ['file'], message: /ends in \.json/ }]);
  t.match(refused({ people: ['human'] }).error?.issues, [
    { path: ['people'], message: /human is none of labels/ },
  ]);
  t.equal(refused({ layout: { family: 'detr' } }).success, false);
});
