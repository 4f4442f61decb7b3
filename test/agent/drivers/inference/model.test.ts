import { readFileSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { type Model, openModel } from '#agent/drivers/inference/model.ts';
import type { ModelConfig, Sight } from '#agent/ports/object-detector.ts';
import { rawSsdNetwork, ssdNetwork, yoloNetwork } from '#scripts/models/sample-networks.ts';
import { seeded } from '#test/support/random.ts';
import { BACKENDS, greyPicture, sampleModel } from './sample-models.ts';

const SSD = { family: 'ssd', boxes: 'boxes', classes: 'classes', scores: 'scores' };
const RAW_SSD = { family: 'ssd', boxes: 'boxes', scores: 'scores', firstClass: 0 };
const YOLO = { family: 'yolo', output: 'output0' };

/** Each with the score that a white square comes to. */
const FAMILIES = {
  'an SSD': { network: ssdNetwork(), layout: SSD, share: 1 },
  'an SSD without its last stage': { network: rawSsdNetwork(), layout: RAW_SSD, share: 1 },
  'an SSD that takes uint8': { network: ssdNetwork({ type: 'uint8' }), layout: SSD, share: 1 },
  'a YOLO as of version 8': { network: yoloNetwork(), layout: YOLO, share: 1 },
  'a YOLO as of version 5': {
    network: yoloNetwork({ rows: 'anchors', objectness: 0.8 }),
    layout: { ...YOLO, rows: 'anchors', hasObjectness: true },
    share: 0.8,
  },
};

/** Two squares of the model's grid: a picture 128×96 goes into 64×64 at half its size, with bars of 8 pixels. */
const PICTURE = greyPicture(128, 96, [
  { x: 16, y: 16, w: 16, h: 16, level: 255 },
  { x: 96, y: 64, w: 16, h: 16, level: 0 },
]);

const rounded = (sights: readonly Sight[]) =>
  [...sights]
    .map(({ label, score, box }) => ({ label, score: round(score), box: box.map(round) }))
    .sort(
      (a, b) =>
        a.label.localeCompare(b.label) ||
        (a.box[1] ?? 0) - (b.box[1] ?? 0) ||
        (a.box[0] ?? 0) - (b.box[0] ?? 0),
    );
const round = (value: number) => Math.round(value * 1e4) / 1e4;

async function opened(
  t: Test,
  backend: (typeof BACKENDS)[number],
  family: keyof typeof FAMILIES,
): Promise<Model> {
  const { network, layout } = FAMILIES[family];
  const model = await openModel(sampleModel(backend, t.testdir(), network, { layout }));
  t.teardown(() => model.close());
  return model;
}

for (const backend of BACKENDS) {
  for (const family of [
    'an SSD',
    'an SSD without its last stage',
    'an SSD that takes uint8',
    'a YOLO as of version 8',
    'a YOLO as of version 5',
  ] as const) {
    t.test(`${backend}: ${family} says what is in a picture, and where in the picture`, async (t) => {
      const model = await opened(t, backend, family);
      await model.tryOut();
      const { share } = FAMILIES[family];
      t.same(rounded(await model.look(PICTURE)), [
        { label: 'person', score: share, box: [0.125, round(16 / 96), 0.125, round(16 / 96)] },
        { label: 'suitcase', score: share, box: [0.75, round(64 / 96), 0.125, round(16 / 96)] },
      ]);
    });
  }
}

t.test('both backends see the same in the same picture, whatever the family', async (t) => {
  const random = seeded(7);
  const data = Uint8Array.from({ length: 160 * 120 }, () => random(256));
  // Random levels average out; patches of every level do not.
  const patches = Array.from({ length: 60 }, () => ({
    x: random(130),
    y: random(90),
    w: 10 + random(20),
    h: 10 + random(20),
    level: random(256),
  }));
  const picture = greyPicture(160, 120, patches);
  for (let i = 0; i < data.length; i += 3) picture.data[i] = data[i] ?? 0;
  for (const [family, { network, layout }] of Object.entries(FAMILIES)) {
    const sights: Sight[][] = [];
    for (const backend of BACKENDS) {
      const model = await openModel(sampleModel(backend, t.testdir(), network, { layout, minScore: 0.03 }));
      sights.push(byPlace(await model.look(picture)));
      await model.close();
    }
    const [onnx = [], tfjs = []] = sights;
    t.ok(onnx.length > 20, `${family}: ${onnx.length} sights`);
    t.equal(tfjs.length, onnx.length, 'as many');
    const worst = onnx.map((sight, at) => differenceOf(sight, tfjs[at])).reduce((a, b) => Math.max(a, b), 0);
    t.ok(worst < 1e-4, `${family}: they differ by at most ${worst.toExponential(1)}`);
  }
});

const byPlace = (sights: readonly Sight[]): Sight[] =>
  [...sights].sort((a, b) => a.label.localeCompare(b.label) || a.box[1] - b.box[1] || a.box[0] - b.box[0]);

function differenceOf(a: Sight, b: Sight | undefined): number {
  if (b === undefined || a.label !== b.label) return Number.POSITIVE_INFINITY;
  return Math.max(
    Math.abs(a.score - b.score),
    ...a.box.map((value, at) => Math.abs(value - (b.box[at] ?? 0))),
  );
}

/** Loads and tries out a model whose profile is wrong by `more`; answers what is said of it. */
async function refusalOf(
  t: Test,
  backend: (typeof BACKENDS)[number],
  more: Partial<ModelConfig> | object,
): Promise<string> {
  const config = sampleModel(backend, t.testdir(), ssdNetwork(), { layout: SSD });
  try {
    const model = await openModel({ ...config, ...more });
    await model.tryOut();
    return 'it was taken';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

for (const backend of BACKENDS) {
  t.test(`${backend}: what does not fit is told when it is loaded, with what the model has`, async (t) => {
    const { input } = sampleModel(backend, t.testdir(), ssdNetwork(), { layout: SSD });
    const refusal = (more: object) => refusalOf(t, backend, more);
    t.match(await refusal({}), 'it was taken');
    t.match(await refusal({ file: '/nowhere/model.onnx' }), /^WP2451 .*nowhere/);
    t.match(await refusal({ file: import.meta.filename }), /^WP2452 .*model\.test\.ts/);
    t.match(
      await refusal({ input: { ...input, name: 'x' } }),
      /^WP2453 .*has x float32 .*, the model image float32/,
    );
    t.match(await refusal({ input: { ...input, width: 96 } }), /^WP2453 .*96.*model image float32 \[1, .*64/);
    t.match(await refusal({ input: { ...input, type: 'uint8' } }), /^WP2453 .*image uint8 .*image float32/);
    const turned = input.order === 'nchw' ? 'nhwc' : 'nchw';
    t.match(await refusal({ input: { ...input, order: turned } }), /^WP2453/);
    const lost = { ...SSD, scores: 'confidences', order: 'yxyx', unit: 'fraction', firstClass: 1 };
    t.match(await refusal({ layout: lost }), /^WP2454 .*has confidences, the model boxes .*scores/);
    const raw = {
      family: 'ssd',
      boxes: 'boxes',
      scores: 'scores',
      order: 'yxyx',
      unit: 'fraction',
      firstClass: 1,
    };
    t.match(await refusal({ layout: raw }), /^WP2454 .*scores is \[1, 128\], expected \[1, 128, 3\]/);
    const yolo = { family: 'yolo', output: 'boxes', rows: 'attributes', hasObjectness: false, unit: 'pixel' };
    t.match(await refusal({ layout: yolo }), /^WP2454 .*boxes is \[1, 128, 4\], expected \[1, 6, n\]/);
  });
}

t.test('a YOLO output that lies the other way round is told as such', async (t) => {
  const network = yoloNetwork({ rows: 'anchors' });
  const model = await openModel(sampleModel('onnx', t.testdir(), network, { layout: YOLO }));
  t.teardown(() => model.close());
  await t.rejects(model.tryOut(), {
    code: 'WP2454',
    detail: /\[1, 64, 6\], expected \[1, 6, n\].*other value of rows/,
  });
});

t.test('weights of a graph model that lie elsewhere than beside it are refused', async (t) => {
  const config = sampleModel('tfjs', t.testdir(), ssdNetwork(), { layout: SSD });
  const text = readFileSync(config.file, 'utf8');
  for (const path of ['../../secret.bin', '/etc/hostname', 'missing.bin']) {
    writeFileSync(config.file, text.replace('weights.bin', path));
    await t.rejects(openModel(config), { code: 'WP2451' }, path);
  }
});
