import { spawn } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { ExecConfig } from '#agent/drivers/exec/config.ts';
import { ExecSensor } from '#agent/drivers/exec/exec-sensor.ts';
import { systemClock } from '#contract/clock.ts';
import { sensorConformance } from '#test/conformance/driver/sensor.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { until } from '#test/support/site.ts';

const RUN_PROGRAM = new URL('../../../../agent/drivers/exec/run-program.ts', import.meta.url);
const CLOCK = new URL('../../../../contract/clock.ts', import.meta.url);

/** A sensor that is read by this script. */
function scripted(
  t: Test,
  script: string,
  { args = [], clock = systemClock }: { args?: string[]; clock?: typeof systemClock } = {},
) {
  const dir = t.testdir({});
  const command = join(dir, 'read.sh');
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  const config = ExecConfig.parse({ driver: 'exec', command, args });
  return { dir, sensor: new ExecSensor({ name: 'room', unit: 'Cel', config, clock }) };
}

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** The process ids that a script has written into `file`, once they are `count`. */
const pidsIn = (file: string, count: number) =>
  until('the script has begun', async () => {
    if (!existsSync(file)) return null;
    const pids = (await readFile(file, 'utf8')).trim().split('\n').map(Number);
    return pids.length === count && pids.every(Boolean) ? pids : null;
  });

sensorConformance('exec', async () => {
  const { dir, sensor } = scripted(t, 'cat "$(dirname "$0")/level"');
  writeFileSync(join(dir, 'level'), '0');
  return { sensor, set: async (level) => writeFileSync(join(dir, 'level'), String(level)) };
});

t.test('arguments arrive as they are: no shell reads them', async (t) => {
  const { sensor, dir } = scripted(t, '[ "$1" = \'$(touch pwned); a  b\' ] && [ $# = 2 ] && echo "-1.5e2"', {
    args: ['$(touch pwned); a  b', ''],
  });
  await sensor.start();
  t.equal(await sensor.read(), -150);
  t.notOk(existsSync(join(dir, 'pwned')));
  await sensor.close();
});

t.test('what is not one number is refused', async (t) => {
  for (const said of ['', 'warm', '1 2', '0x10', 'NaN', 'Infinity', '12abc', '1,5']) {
    const { sensor } = scripted(t, `printf '%s' '${said}'`);
    await sensor.start();
    await t.rejects(sensor.read(), { code: 'WP2369' }, JSON.stringify(said));
    await sensor.close();
  }
});

t.test('a program that fails is told with what it said, also when it wrote a number', async (t) => {
  const { sensor } = scripted(t, 'echo 5; echo "no such probe" >&2; exit 3');
  await sensor.start();
  await t.rejects(sensor.read(), { code: 'WP2366', detail: /exit 3 no such probe/ });
  await sensor.close();
});

t.test('a program that is not there, or may not be run', async (t) => {
  for (const command of ['/nonexistent/read', '/etc/passwd']) {
    const config = ExecConfig.parse({ driver: 'exec', command });
    const sensor = new ExecSensor({ name: 'room', unit: 'Cel', config, clock: systemClock });
    await sensor.start();
    await t.rejects(sensor.read(), { code: 'WP2365' }, command);
    await sensor.close();
  }
});

t.test('one that takes too long is killed with what it has started', async (t) => {
  const clock = new ManualClock();
  const { dir, sensor } = scripted(
    t,
    'cd "$(dirname "$0")"; sleep 600 & echo $$ >pids; echo $! >>pids; wait',
    { clock },
  );
  await sensor.start();
  const reading = t.rejects(sensor.read(), { code: 'WP2367' });
  const pids = await pidsIn(join(dir, 'pids'), 2);
  t.ok(pids.every(isThere));
  await clock.advance(5000);
  await reading;
  await until('both are gone', async () => (pids.some(isThere) ? null : true));
  t.equal(clock.pending, 0);
  await sensor.close();
});

t.test('what a program leaves running ends with it and holds nothing up', async (t) => {
  const { dir, sensor } = scripted(t, 'cd "$(dirname "$0")"; sleep 600 & echo $! >pids; echo 7');
  await sensor.start();
  t.equal(await sensor.read(), 7);
  const pids = await pidsIn(join(dir, 'pids'), 1);
  await until('it is gone', async () => (pids.some(isThere) ? null : true));
  await sensor.close();
});

t.test('one that does not stop writing is killed', async (t) => {
  const { sensor } = scripted(t, 'yes 1');
  await sensor.start();
  await t.rejects(sensor.read(), { code: 'WP2368' });
  await sensor.close();
});

t.test('closing kills what runs', async (t) => {
  const { dir, sensor } = scripted(t, 'echo $$ >"$(dirname "$0")/pids"; exec sleep 600');
  await sensor.start();
  const reading = t.rejects(sensor.read(), { code: 'WP2366' });
  const pids = await pidsIn(join(dir, 'pids'), 1);
  await sensor.close();
  await reading;
  await until('it is gone', async () => (pids.some(isThere) ? null : true));
});

t.test('it gets no environment of the agent', async (t) => {
  process.env.WATCHPOST_SECRET = '1';
  t.teardown(() => delete process.env.WATCHPOST_SECRET);
  const { sensor } = scripted(t, 'echo "0$WATCHPOST_SECRET"; [ "$PWD" = / ]');
  await sensor.start();
  t.equal(await sensor.read(), 0);
  await sensor.close();
});

t.test('only absolute paths are accepted', async (t) => {
  for (const command of ['read.sh', './read.sh', '/usr/../bin/sh', ''])
    t.notOk(ExecConfig.safeParse({ driver: 'exec', command }).success, command);
});

t.test(
  'when the agent is killed with -9, the program that is being read goes with it',
  { skip: existsSync('/usr/bin/setpriv') ? false : 'setpriv is missing' },
  async (t) => {
    const { dir } = scripted(t, 'echo $$ >>"$(dirname "$0")/pids"; exec sleep 600');
    const command = join(dir, 'read.sh');
    const agent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { runProgram } from ${JSON.stringify(fileURLToPath(RUN_PROGRAM))};
         import { systemClock } from ${JSON.stringify(fileURLToPath(CLOCK))};
         const { signal } = new AbortController();
         await runProgram({ command: ${JSON.stringify(command)}, args: [], timeoutMs: 600000, clock: systemClock, signal });`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    t.teardown(() => agent.kill('SIGKILL'));
    const [pid = 0] = await pidsIn(join(dir, 'pids'), 1);
    t.ok(isThere(pid));
    agent.kill('SIGKILL');
    await until('the program is gone', async () => !isThere(pid));
  },
);
