import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { hasGstLaunch } from '#agent/drivers/gstreamer/launch-source.ts';
import { drawClips } from '#scripts/clips/draw.ts';
import { tinyCameraProfile } from '#test/support/tiny-profile.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMMAND = ['scripts/cli.ts', 'detect'];
const skip = hasGstLaunch() ? false : 'no gst-launch-1.0 on this machine';

function detect(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...COMMAND, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { status, stderr, lines: lines.map((line) => JSON.parse(line)) };
}

/** Sent to Ctrl-C as soon as it has made the folder of `--explain`, which it does before the first picture. */
async function interrupted(input: string, folder: string) {
  const made = new AbortController();
  const watcher = watch(folder, () => made.abort());
  const child = spawn(process.execPath, [...COMMAND, '--input', input, '--explain', join(folder, 'why')], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const said = text(child.stderr);
  if (!made.signal.aborted) await once(made.signal, 'abort');
  watcher.close();
  child.kill('SIGINT');
  const [code] = await ended;
  return { code, said: await said, index: join(folder, 'why', 'index.html') };
}

// The drawn bag stands at 0.56 of the width, 0.75 of the height; all of it is put down in the lower half.
t.test('a film is judged by the zones and the dwell times of a profile', { skip }, async (t) => {
  const { bag } = await drawClips();
  const quick = tinyCameraProfile(
    t.testdir(),
    '[{ name: quick, kind: dwell, dwellS: 5, polygon: [[0, 0.4], [1, 0.4], [1, 1], [0, 1]] }]',
  );
  const found = detect('--input', bag, '--profile', quick, '--json');
  t.equal(found.status, 0, found.stderr);
  t.equal(found.lines.length, 1);
  const [left] = found.lines;
  t.match(left, { type: 'wp.object.left.v1', zone: 'quick' });
  t.ok(left.t - left.since >= 5 && left.t - left.since < 8, `alone for ${left.t - left.since} s`);
  const away = '[{ name: away, kind: ignore, polygon: [[0, 0.4], [1, 0.4], [1, 1], [0, 1]] }]';
  const ignored = detect('--input', bag, '--profile', tinyCameraProfile(t.testdir(), away), '--dwell', '5');
  t.match(ignored, { status: 0, lines: [] });
  t.equal(ignored.lines.length, 0, 'what stands in an ignore zone is not reported, whatever --dwell says');
});

t.test('zones that cannot be right are refused before a picture is read, as by camera zones', async (t) => {
  const bowTie = '[{ name: a, kind: watch, polygon: [[0, 0], [1, 1], [1, 0], [0, 1]] }]';
  const { status, stderr } = detect(
    '--input',
    'none.mp4',
    '--profile',
    tinyCameraProfile(t.testdir(), bowTie),
  );
  t.equal(status, 1);
  t.match(stderr, /p\.yaml:20 camera\.zones\[0\]\.polygon: crosses itself.*\[WP2465\]/);
});

t.test('a site file without a profile is wrong use, and is told so', async (t) => {
  t.match(detect('--input', 'none.mp4', '--device', 'pillar-001'), { status: 2, stderr: /--profile FILE/ });
});

t.test('a camera is watched until Ctrl-C, and what was seen until then is explained', { skip }, async (t) => {
  const { code, index } = await interrupted('test://', t.testdir());
  t.equal(code, 0);
  t.match(readFileSync(index, 'utf8'), /Nothing was reported/);
});

t.test('a film that breaks off is told, and what was seen until then is explained', { skip }, async (t) => {
  const { bag } = await drawClips();
  const folder = t.testdir({ 'cut.mkv': readFileSync(bag).subarray(0, 200_000) });
  const why = join(folder, 'why');
  t.match(detect('--input', join(folder, 'cut.mkv'), '--explain', why), { status: 1, stderr: /WP2402/ });
  t.ok(existsSync(join(why, 'index.html')));
  const again = join(folder, 'again');
  t.match(detect('--input', join(folder, 'none.mkv'), '--explain', again), { status: 1, stderr: /WP2402/ });
  t.same(readdirSync(again), [], 'where nothing was seen, the folder can be used again');
});

t.test('a film stopped by Ctrl-C was not read to its end: that is said, and fails', { skip }, async (t) => {
  const { bag } = await drawClips();
  const { code, said, index } = await interrupted(bag, t.testdir());
  t.equal(code, 1);
  t.match(said, /stopped at \d+\.\d s, before the end/);
  t.ok(existsSync(index));
});
