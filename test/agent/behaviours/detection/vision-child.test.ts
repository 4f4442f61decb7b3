import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import t from 'tap';
import { fakeVision, keeperOf } from './fixture.ts';

const REPORT = { kind: 'object', change: 'left', t: 30, since: 20, box: [0.1, 0.2, 0.3, 0.4], score: 0.9 };

t.test('what is still in the pipe when the process ends is not lost', async (t) => {
  const line = JSON.stringify({ ...REPORT, objectId: 'object-1', reason: 'r' });
  // Somebody else writes it, so that it comes after the end for certain.
  const script = `
    const late = ['-c', 'sleep 0.3; echo "$1" >&3', 'sh', ${JSON.stringify(line)}];
    require('node:child_process').spawn('sh', late, { stdio: ['ignore', 'ignore', 'ignore', 3], detached: true });
    setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  `;
  const { keeper, recorder, untilState } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  await untilState(() => keeper.state().health.vision === 'failed');
  const told = recorder.events.map(({ type }) => type);
  t.same(told, ['wp.object.left.v1', 'wp.health.changed.v1']);
});

t.test('the vision process leaves no dump of its memory behind', async (t) => {
  const { keeper, recorder } = keeperOf(
    t.testdir(),
    fakeVision(`say({ ...${JSON.stringify(REPORT)}, objectId: 'object-1', reason: 'r' }); orders(() => {})`),
  );
  t.teardown(() => keeper.close());
  keeper.start();
  await recorder.until(({ type }) => type === 'wp.object.left.v1');
  const limits = readFileSync(`/proc/${keeper.state().pid}/limits`, 'utf8');
  t.match(limits, /Max core file size\s+1\s+1\s/, 'neither to a file nor to a program');
});

t.test('where dumps are forbidden already, the process starts all the same', async (t) => {
  const child = new URL('../../../../agent/behaviours/detection/vision-child.ts', import.meta.url).href;
  const clock = new URL('../../../../contract/clock.ts', import.meta.url).href;
  const script = `
    const { VisionChild } = await import('${child}');
    const { systemClock } = await import('${clock}');
    const quiet = { onReport: () => 0, onGarbage: () => 0, onSaid: (line) => console.log(line) };
    new VisionChild(
      { ...quiet, onExit: (reason) => console.log(reason) },
      { clock: systemClock, command: ['sh', '-c', 'exit 7'] },
    );
  `;
  const node = [process.execPath, '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -c 0; exec "$@"',
    'sh',
    ...asNobody(),
    ...node,
  ]);
  t.equal(stdout, 'status 7\n');
});

/** Root may raise every limit. */
function asNobody(): string[] {
  return process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-sys_resource', '--inh-caps=-sys_resource', '--']
    : [];
}
