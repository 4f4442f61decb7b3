import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from '#scripts/site/demo-site.ts';

/** Runs the check where nothing that it needs is to be found. */
function check(args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/image/check.ts'), ...args],
    {
      env: { ...process.env, PATH: '/nowhere' },
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  return { status, stdout, stderr };
}

t.test('it says what it needs when asked', async (t) => {
  const { status, stdout } = check(['--help']);
  t.equal(status, 0);
  for (const need of ['root', 'buildah', 'runc', 'qemu-user-static', 'mmdebstrap', '4 GB'])
    t.match(stdout, need);
});

t.test('what is missing is told with the remedy, before anything is begun', async (t) => {
  const { status, stdout, stderr } = check([]);
  t.equal(status, 1);
  t.equal(stdout, '');
  t.match(stderr, /^WP5063 .*\n {2}→ \S+/);
});

t.test('an option that does not exist is wrong use', async (t) => {
  t.match(check(['--fast']), { status: 2, stderr: /^WP5024 .*--fast/ });
});
