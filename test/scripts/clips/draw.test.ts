import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { hasGstLaunch } from '#agent/drivers/gstreamer/launch-source.ts';
import { drawClips } from '#scripts/clips/draw.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const skip = hasGstLaunch() ? false : 'no gst-launch-1.0 on this machine';

function detect(...args: string[]) {
  const run = spawnSync(process.execPath, ['scripts/cli.ts', 'detect', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const lines = run.stdout.split('\n').filter((line) => line !== '');
  return { status: run.status, lines: lines.map((line) => JSON.parse(line)), stderr: run.stderr };
}

t.test('the drawn clips', { skip }, async (t) => {
  const folder = t.testdir();
  const { bag, quiet } = await drawClips(folder);

  t.test('in the one with the bag, one thing is left, and detect says so in one line', async (t) => {
    const { status, lines } = detect('--input', bag, '--dwell', '10', '--json');
    t.equal(status, 0);
    t.equal(lines.length, 1);
    t.match(lines[0], { type: 'wp.object.left.v1', t: Number, since: Number, score: Number, reason: String });
    t.same(Object.keys(lines[0]).slice(0, 6), ['type', 't', 'since', 'box', 'score', 'reason']);
    t.match(lines[0], { state: 'unattended', measurements: { dwellS: Number } });
    t.ok(lines[0].box[0] < 0.56 && lines[0].box[0] + lines[0].box[2] > 0.56, 'the box holds the bag');
  });

  t.test('in the quiet one nothing is', async (t) => {
    const { status, lines } = detect('--input', quiet, '--json');
    t.equal(status, 0);
    t.same(lines, []);
  });

  t.test('the one with the bag has the name under which the first page gives it to be tried', async (t) => {
    t.ok(readFileSync(join(ROOT, 'README.md'), 'utf8').includes(`--input .cache/clips/${basename(bag)} `));
  });

  t.test('they are small, and are not drawn again', async (t) => {
    const { size, mtimeMs } = statSync(bag);
    t.ok(size < 6_000_000);
    await drawClips(folder);
    t.equal(statSync(bag).mtimeMs, mtimeMs);
  });
});

t.test('an input that is not there, or is no video, fails with 1 and says why', { skip }, async (t) => {
  const folder = t.testdir({ 'text.mp4': 'this is no video' });
  for (const input of [join(folder, 'none.mp4'), join(folder, 'text.mp4')]) {
    const { status, stderr, lines } = detect('--input', input, '--json');
    t.equal(status, 1);
    t.match(stderr, /WP2402/);
    t.same(lines, []);
  }
});

t.test('wrong use ends with 2', async (t) => {
  t.equal(detect('--json').status, 2);
  t.equal(detect('--input', 'x.mp4', '--dwell', 'long').status, 2);
  t.equal(detect('--input', 'http://example.com/x.mp4').status, 2);
});

t.test('where no folder for the clips can be made, that is said with its path', async (t) => {
  const folder = join(t.testdir({ 'a-file': '' }), 'a-file', 'clips');
  await t.rejects(drawClips(folder), { code: 'WP2410', detail: `no folder for it: ${folder}` });
});
