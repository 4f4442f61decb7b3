import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { divideControlGroup, enteringGroup } from '#agent/core/control-group.ts';
import { silentLog } from '#scripts/bench/silent-log.ts';

const MEMBERSHIP = '0::/system.slice/watchpost-agent.service\n';
const LIMITS = { memoryMiB: 256, cpuWeight: 50, tasks: 96 };
const FILES = ['cgroup.procs', 'memory.max', 'memory.oom.group', 'cpu.weight', 'pids.max'];

/** A tree as the kernel makes it: files are there and are written to, never made. */
function tree(root: string, controllers: string): string {
  const group = join(root, 'system.slice/watchpost-agent.service');
  for (const folder of ['', 'agent', 'vision']) {
    mkdirSync(join(group, folder), { recursive: true });
    for (const file of FILES) writeFileSync(join(group, folder, file), '');
  }
  writeFileSync(join(group, 'cgroup.controllers'), `${controllers}\n`);
  writeFileSync(join(group, 'cgroup.subtree_control'), '');
  return group;
}

t.test('the agent goes into a group beside that of vision, which has limits', async (t) => {
  const root = t.testdir();
  const group = tree(root, 'cpuset cpu io memory pids');
  const vision = divideControlGroup({
    limits: LIMITS,
    log: silentLog,
    root,
    membership: MEMBERSHIP,
    pid: 42,
  });
  t.equal(vision, join(group, 'vision'));
  const read = (file: string) => readFileSync(join(group, file), 'utf8');
  t.equal(read('agent/cgroup.procs'), '42');
  t.equal(read('cgroup.subtree_control'), '+memory +cpu +pids');
  t.equal(read('vision/memory.max'), String(256 * 1024 * 1024));
  t.strictSame(
    [read('vision/memory.oom.group'), read('vision/cpu.weight'), read('vision/pids.max')],
    ['1', '50', '96'],
  );
});

t.test('where there is nothing to divide it goes on, and says why', async (t) => {
  const root = t.testdir();
  tree(root, 'cpu io');
  const said: string[] = [];
  const log = { ...silentLog, warn: (fields: object) => void said.push(JSON.stringify(fields)) };
  const divided = (membership: string, at = root) =>
    divideControlGroup({ limits: LIMITS, log, root: at, membership, pid: 42 });
  t.equal(divided('4:memory:/x\n1:name=systemd:/y\n'), null, 'version 1');
  t.equal(divided('0::/user.slice/session-1.scope\n'), null, 'a session of a person is not divided');
  t.equal(divided(MEMBERSHIP), null, 'a controller was not handed on');
  t.equal(divided(MEMBERSHIP, join(root, 'nowhere')), null);
  t.equal(said.length, 4);
  for (const line of said) t.match(line, /WP2616/);
  t.match(said[2] ?? '', /no memory, pids/);
});

t.test(
  'the vision process is in its group before its first line, and goes first when memory is short',
  async (t) => {
    const dir = t.testdir({ 'cgroup.procs': '' });
    const score = ['/bin/sh', '-c', 'cat /proc/self/oom_score_adj; echo $$'];
    const ran = (folder: string | null) => {
      const [command = '', ...args] = [...enteringGroup(folder), ...score];
      return spawnSync(command, args, { encoding: 'utf8' }).stdout.trim().split('\n');
    };
    const [adjusted, pid] = ran(dir);
    t.equal(adjusted, '500');
    t.equal(
      readFileSync(join(dir, 'cgroup.procs'), 'utf8').trim(),
      pid,
      'the process itself, not a shell around it',
    );
    t.equal(ran(null)[0], '500');
    t.equal(ran(join(dir, 'gone'))[0], '500', 'a group that is gone keeps it from nothing');
  },
);
