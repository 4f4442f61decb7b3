import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { REAL_VISION } from './fixture.ts';

const FIXTURE = fileURLToPath(new URL('./fixture.ts', import.meta.url));

/** Resolves when the process `pid` is gone; `tail` watches it. */
async function gone(pid: number): Promise<boolean> {
  const watcher = spawn('timeout', ['30', 'tail', `--pid=${pid}`, '-f', '/dev/null'], { stdio: 'ignore' });
  const [status] = await once(watcher, 'exit');
  return status === 0;
}

t.test('when the agent is killed with -9, the vision process goes with it, even a stopped one', async (t) => {
  const folder = t.testdir();
  const agent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { keeperOf, REAL_VISION } from ${JSON.stringify(FIXTURE)};
       const { keeper, untilState } = keeperOf(${JSON.stringify(folder)}, REAL_VISION);
       keeper.start();
       await untilState(() => keeper.state().health.vision === 'ok');
       console.log(keeper.state().pid);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [chunk] = await once(agent.stdout, 'data');
  const pid = Number(String(chunk));
  t.ok(pid > 1);
  process.kill(pid, 'SIGSTOP');
  agent.kill('SIGKILL');
  t.ok(await gone(pid));
});

t.test('the vision process ends by itself when its orders end', async (t) => {
  const [program = '', ...args] = REAL_VISION;
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit', 'pipe'] });
  child.stdin?.end();
  const [status] = await once(child, 'exit');
  t.equal(status, 0);
});
