import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { clipsIn } from '#scripts/bench/detect-clips.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

function bench(...args: string[]) {
  return spawnSync(process.execPath, ['scripts/cli.ts', 'bench', 'detect', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
}

t.test('drawn scenes are judged and printed as one line of JSON, with the machine', async (t) => {
  const { status, stdout, stderr } = bench('scenes', '--seeds', '1', '--scenario', 'thrown down', '--json');
  t.equal(status, 0, stderr);
  const result = JSON.parse(stdout);
  t.match(result, {
    bench: 'detect scenes',
    scenes: 1,
    rows: [{ scenario: 'thrown down while walking on', scenes: 1, expected: 1 }],
    total: { precision: Number, recall: Number },
    machine: { cores: Number },
  });
  t.equal(stdout.trim().split('\n').length, 1);
});

t.test(
  'a scenario that is not there fails with 1 and says so, a part that is not is wrong use',
  async (t) => {
    const unknown = bench('scenes', '--scenario', 'no such thing', '--json');
    t.equal(unknown.status, 1);
    t.match(unknown.stderr, /WP5054/);
    const wrong = bench('colours');
    t.equal(wrong.status, 2);
    t.match(wrong.stderr, /clips, perturb, scenes/);
    t.equal(bench('scenes', '--seeds', 'many').status, 2);
  },
);

t.test('clips are known by the ground truth beside them; without it there are none', async (t) => {
  const folder = t.testdir();
  t.equal(clipsIn(folder), null);
  const events = [{ from: 1, to: 2, box: [0.1, 0.2, 0.3, 0.4], what: 'a bag' }];
  writeFileSync(join(folder, 'ground-truth.json'), JSON.stringify({ clips: { 'a.mp4': { events } } }));
  t.match(clipsIn(folder), [{ name: 'a.mp4', file: join(folder, 'a.mp4'), truths: events }]);
});
