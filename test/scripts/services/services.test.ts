import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { install, uninstall } from '#scripts/services/apply.ts';
import { type PlanRequest, planService, type ServicePlan } from '#scripts/services/plan.ts';
import { readStatus, statusLines } from '#scripts/services/status.ts';
import { quoted } from '#scripts/services/unit-file.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const request = (more: Partial<PlanRequest> = {}): PlanRequest => ({
  program: 'agent',
  args: ['--device', 'pillar-001', '--data', '/var/lib/watchpost/pillar-001'],
  data: '/var/lib/watchpost/pillar-001',
  sources: ['/etc/watchpost/pillar.yaml'],
  name: 'demo.pillar-001',
  programDir: '/opt/watchpost',
  node: '/opt/watchpost/node',
  ...more,
});
const textOf = (plan: ServicePlan, name: string) =>
  plan.files.find(({ path }) => path.endsWith(name))?.text ?? '';
/** Without asking systemd for users, which needs root. */
const withoutUsers = (plan: ServicePlan): ServicePlan => ({ ...plan, users: [] });
const canMakeUsers = spawnSync('systemd-sysusers', ['--version']).status === 0 && process.getuid?.() === 0;

t.test('words of a command line survive systemd’s reading of them', async (t) => {
  t.equal(quoted(['--a=b', '/x/y']), '--a=b /x/y');
  t.equal(
    quoted(['two words', 'per%cent', 'do$llar', 'quo"te', 'back\\slash', '']),
    '"two words" per%%cent "do$$llar" "quo\\"te" "back\\\\slash" ""',
  );
});

t.test('a plan has every name filled in, with the paths of the machine that will run it', async (t) => {
  for (const program of ['agent', 'broker'] as const) {
    const { files } = planService(request({ program }));
    for (const { path, text } of files) {
      t.notMatch(text.replaceAll(/^#.*$/gm, ''), /@[A-Z]+@/, path);
      t.notOk(text.includes(ROOT), `${path} names no folder of this machine`);
    }
  }
  const unit = textOf(planService(request()), 'watchpost-agent.service');
  t.match(
    unit,
    /^ExecStart=\/opt\/watchpost\/node --.*--import=\/opt\/watchpost\/agent\/lean-modules.ts \/opt\/watchpost\/agent\/main.ts --device pillar-001 /m,
  );
  t.match(unit, /^StateDirectory=watchpost\/pillar-001$/m);
});

t.test('a device that runs from its card may write all of it, and nothing is prepared', async (t) => {
  const card = '/var/lib/watchpost/card';
  const plan = planService(request({ card, data: `${card}/data`, args: ['--card', card], sources: [] }));
  const unit = textOf(plan, 'watchpost-agent.service');
  t.match(unit, /^StateDirectory=watchpost\/card$/m);
  t.match(unit, /^ExecStopPost=.* \/var\/lib\/watchpost\/card\/data$/m);
  t.match(unit, /^ExecStart=.*main\.ts --card \/var\/lib\/watchpost\/card$/m);
  t.same(plan.enabled, ['watchpost-agent.service']);
  t.equal(textOf(plan, 'watchpost-prepare.service'), '');
});

t.test('folders that a service cannot see or have are refused', async (t) => {
  const wrong: Partial<PlanRequest>[] = [
    { data: '/srv/pillar' },
    { data: '/var/lib/../../etc' },
    { programDir: '/home/me/watchpost' },
    { programDir: '/opt/watch post' },
    { node: '/root/.nvm/node' },
    { args: ['--profile', '/tmp/p.yaml'] },
  ];
  for (const more of wrong)
    t.throws(() => planService(request(more)), { code: 'WP5082' }, JSON.stringify(more));
});

t.test('it is written into the file system of an image, twice the same, and removed again', async (t) => {
  const root = t.testdir();
  const said: string[] = [];
  const target = { root, say: (line: string) => void said.push(line) };
  const plan = canMakeUsers ? planService(request()) : withoutUsers(planService(request()));
  mkdirSync(join(root, 'var/lib/watchpost/pillar-001'), { recursive: true });
  const prepared = join(root, 'var/lib/watchpost/pillar-001/prepared');
  writeFileSync(prepared, '');
  install(plan, target);
  t.notOk(existsSync(prepared), 'what was prepared for other arguments is done again');
  const wanted = join(root, 'etc/systemd/system/multi-user.target.wants/watchpost-agent.service');
  t.equal(readlinkSync(wanted), '../watchpost-agent.service');
  if (canMakeUsers) t.match(readFileSync(join(root, 'etc/passwd'), 'utf8'), /^watchpost:/m);
  said.length = 0;
  install(plan, target);
  t.ok(
    said.every((line) => line.startsWith('as it is')),
    said.join('\n'),
  );
  t.match(statusLines(readStatus('agent', root)), ['watchpost-agent.service']);
  uninstall('agent', target);
  t.notOk(existsSync(wanted));
  t.throws(() => readStatus('agent', root), { code: 'WP5084' });
});

t.test('status tells what an agent has noted of its starts', async (t) => {
  const root = t.testdir();
  install(withoutUsers(planService(request())), { root, say: () => undefined });
  const data = join(root, 'var/lib/watchpost/pillar-001');
  mkdirSync(data, { recursive: true });
  const run = { bootId: 'b', mode: 'safe', profile: 'p', hasLasted: false, hasEnded: false };
  const counts = { version: 1, starts: 9, healthyRuns: 3, crashes: 4, safeRuns: 0 };
  writeFileSync(
    join(data, 'starts.json'),
    JSON.stringify({ ...counts, goodProfile: null, suspect: null, run }),
  );
  const lines = statusLines(readStatus('agent', root)).join('\n');
  t.match(lines, /9, of which 3 lasted; crashes in a row: 4/);
  t.match(lines, /safe: the alarm path alone/);
});

t.test('a folder is prepared where something is newer than it, and else left', async (t) => {
  const dir = t.testdir({
    data: {},
    root: { 'package.json': '{}', 'device-profiles': { 'a.yaml': '' } },
    'p.yaml': '',
  });
  const [data, root, profile] = [join(dir, 'data'), join(dir, 'root'), join(dir, 'p.yaml')];
  const script = join(ROOT, 'deploy/systemd/needs-prepare.sh');
  const status = () => spawnSync('/bin/sh', [script, data, root, profile]).status;
  const date = (file: string, s: number) => utimesSync(file, s, s);
  t.equal(status(), 0, 'never prepared');
  for (const name of ['profile.json', 'prepared']) writeFileSync(join(data, name), '');
  date(join(data, 'prepared'), 2_000);
  for (const file of [
    profile,
    join(root, 'package.json'),
    join(root, 'device-profiles'),
    join(root, 'device-profiles/a.yaml'),
  ])
    date(file, 1_000);
  t.equal(status(), 1);
  date(profile, 3_000);
  t.equal(status(), 0, 'the profile is newer');
  date(profile, 1_000);
  date(join(root, 'device-profiles/a.yaml'), 3_000);
  t.equal(status(), 0, 'a template is newer');
});
