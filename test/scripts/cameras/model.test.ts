import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';
import t from 'tap';
import { writeOnnx } from '#scripts/models/onnx-writer.ts';
import { ssdNetwork } from '#scripts/models/sample-networks.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function cameraModel(...args: string[]): Promise<Ran> {
  const command = ['scripts/cli.ts', 'camera', 'model', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const INPUT = '{ name: image, width: 64, height: 64, order: nchw }';

/** A profile whose camera has the sample model; answers its path. */
function profileIn(folder: string, input: string | null): string {
  const model = join(folder, 'model.onnx');
  writeOnnx(model, ssdNetwork());
  const file = join(folder, 'profile.yaml');
  const lines = [
    `extends: ${join(ROOT, 'device-profiles/pillars/roadside.yaml')}`,
    'name: with-model',
    'camera:',
    '  name: gate',
    '  width: 320',
    '  framesPerSecond: 10',
    '  dwellS: 60',
    '  with: { driver: gstreamer, source: "rtsp://camera/main" }',
  ];
  if (input !== null) {
    lines.push(
      '  model:',
      '    backend: onnx',
      `    file: ${model}`,
      `    input: ${input}`,
      '    layout: { family: ssd, boxes: boxes, classes: classes, scores: scores }',
      '    labels: [person, suitcase]',
      '    luggage: [suitcase]',
    );
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** A white square on grey in colour; answers its path. */
function pngIn(folder: string): string {
  const data = new Uint8Array(64 * 64 * 3).fill(127);
  for (let y = 16; y < 24; y++) data.fill(255, (y * 64 + 8) * 3, (y * 64 + 16) * 3);
  const file = join(folder, 'picture.png');
  writeFileSync(file, encode({ width: 64, height: 64, channels: 3, depth: 8, data }));
  return file;
}

t.test(
  'camera model says what a model sees in a picture, what it gives, and how long it takes',
  async (t) => {
    const folder = t.testdir();
    const picture = pngIn(folder);
    const profile = profileIn(folder, INPUT);
    const { code, stdout, stderr } = await cameraModel(
      '--profile',
      profile,
      '--input',
      picture,
      '--looks',
      '3',
      '--json',
    );
    t.equal(code, 0, stderr);
    const told = JSON.parse(stdout);
    t.match(told, {
      backend: /^onnxruntime \d/,
      outputs: [{ name: 'boxes', shape: [1, 128, 4] }, { name: 'classes' }, { name: 'scores' }],
      sights: [{ label: 'person', box: [0.125, 0.25, 0.125, 0.125] }],
      looks: 3,
      lookMs: { p50: Number, p99: Number },
    });
    t.equal(stdout.trim().split('\n').length, 1);
  },
);

t.test('for people it is a few lines', async (t) => {
  const { stdout } = await cameraModel('--profile', profileIn(t.testdir(), INPUT), '--looks', '1');
  t.match(stdout, /backend {2}onnxruntime .*\noutputs {2}boxes \[1, 128, 4\].*\na look .*\nit sees nothing/);
});

t.test(
  'a model that does not fit, a profile without one and a picture that is none are told by code',
  async (t) => {
    const folder = t.testdir();
    const wrong = await cameraModel('--profile', profileIn(folder, INPUT.replace('image', 'pixels')));
    t.match(wrong, {
      code: 1,
      stdout: '',
      stderr: /^WP2453 .*pixels float32 \[1, 3, 64, 64\], the model image/,
    });
    const none = await cameraModel('--profile', profileIn(folder, null));
    t.match(none, { code: 1, stdout: '', stderr: /^WP2459 / });
    const noPicture = join(folder, 'no.png');
    writeFileSync(noPicture, 'not a picture');
    const picture = await cameraModel('--profile', profileIn(folder, INPUT), '--input', noPicture);
    t.match(picture, { code: 1, stdout: '', stderr: /^WP5060 .*no\.png/ });
  },
);
