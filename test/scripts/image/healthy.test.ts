import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { aliveFile } from '#contract/alive-file.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

/** Runs the health check of the image on a file. */
function check(file: string) {
  const { status, stdout } = spawnSync('sh', [join(ROOT, 'scripts/image/healthy.sh')], {
    env: { PATH: process.env.PATH, WATCHPOST_ALIVE_FILE: file },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, said: stdout.trim() };
}

async function sleeper(t: Test) {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

t.test('before it is armed, and after it has ended, an agent is not healthy', async (t) => {
  const file = join(t.testdir(), 'alive');
  t.match(check(file), { status: 1, said: /^not armed/ });
});

t.test('an agent that was seen alive lately is healthy, and left alone', async (t) => {
  const child = await sleeper(t);
  const file = join(t.testdir(), 'alive');
  aliveFile({ pid: child.pid ?? 0 })(file, 'WATCHDOG=1');
  t.match(check(file), { status: 0, said: /^alarm path found alive \d s ago$/ });
  t.equal(child.signalCode, null);
});

t.test('an agent that stands still is not, and is ended', async (t) => {
  const child = await sleeper(t);
  const ended = once(child, 'exit');
  const file = join(t.testdir(), 'alive');
  aliveFile({ pid: child.pid ?? 0, uptimeS: () => uptime() - 60 })(file, 'WATCHDOG=1');
  t.match(check(file), { status: 1, said: `ended process ${child.pid}` });
  t.strictSame(await ended, [null, 'SIGKILL']);
  t.notOk(existsSync(file), 'the next one starts without a sign of life');
});

t.test('without --init the agent is process 1, which the kernel lets nobody inside end', async (t) => {
  const file = join(t.testdir(), 'alive');
  writeFileSync(file, '0 1\n');
  const { status, said } = check(file);
  t.equal(status, 1);
  t.notMatch(said, 'ended');
});
