import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import t from 'tap';
import { planService } from '#scripts/services/plan.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const skip =
  spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd-analyze is not installed';
/** Overall exposure by `systemd-analyze security`, 0 the best and 10 the worst; an agent has devices, and a group to divide. */
const MOST_EXPOSED: Record<string, number> = {
  'watchpost-agent.service': 2.0,
  'watchpost-prepare.service': 1.0,
  'watchpost-broker.service': 1.5,
  // Root, for the key that issues; it reaches loopback alone.
  'watchpost-renewal.service': 3.0,
  // Reboots the machine: it is root. What it can be kept from it is.
  'watchpost-last-resort@.service': 6.5,
};

/** Where a service would have its program. */
const INSTALLED = '/opt/watchpost';
const HERE = ROOT.replace(/\/$/, '');

/** The units as they would be installed, with the programs of this folder: systemd looks whether they are there. */
function writeUnits(dir: string): string[] {
  const common = {
    node: process.execPath.replace(HERE, INSTALLED),
    name: 'test',
    data: '/var/lib/watchpost/test',
    sources: [],
    args: [],
  };
  return (['agent', 'broker', 'renewal'] as const).flatMap((program) =>
    planService({ ...common, program, programDir: INSTALLED })
      .files.filter(({ path }) => path.endsWith('.service'))
      .map(({ path, text }) => {
        const file = join(dir, basename(path));
        writeFileSync(file, text.replaceAll(INSTALLED, HERE));
        return file;
      }),
  );
}

function unitFolder(t: { teardown(end: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'watchpost-units-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  return dir;
}

t.test('systemd finds nothing wrong with any unit', { skip }, async (t) => {
  const dir = unitFolder(t);
  const files = writeUnits(dir);
  t.equal(files.length, 5);
  const env = { ...process.env, SYSTEMD_UNIT_PATH: `${dir}:`, SYSTEMD_LOG_LEVEL: 'notice' };
  const verify = (...units: string[]) => {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
      encoding: 'utf8',
      env,
    });
    return `${stdout}${stderr}`.trim();
  };
  t.equal(verify(...files), '');
  const wrong = join(dir, 'wrong.service');
  writeFileSync(wrong, '[Service]\nExecStart=/bin/true\nWatchdogSecs=5\n');
  t.match(verify(wrong), /Unknown key 'WatchdogSecs'/, 'it would be told');
});

t.test('each is as closed as its work allows', { skip }, async (t) => {
  for (const file of writeUnits(unitFolder(t))) {
    const args = ['security', '--offline=true', '--no-pager', file];
    const report = execFileSync('systemd-analyze', args, { encoding: 'utf8' });
    const exposure = Number(/exposure level for .*: (\d+\.\d)/.exec(report)?.[1]);
    const most = MOST_EXPOSED[basename(file)] ?? 0;
    t.ok(exposure <= most, `${basename(file)}: ${exposure}, at most ${most}`);
  }
});

t.test('no unit waits for a network', async (t) => {
  for (const program of ['agent', 'broker', 'renewal'] as const) {
    const { files } = planService({
      ...{
        program,
        node: '/opt/node',
        name: 'n',
        data: '/var/lib/w',
        sources: [],
        args: [],
        programDir: '/opt/w',
      },
    });
    for (const { text } of files)
      t.notMatch(text.replaceAll(/^#.*$/gm, ''), /network-online|NetworkManager-wait/);
  }
});

t.test('a unit that ends again and again reboots a machine that worked before, thrice at most', async (t) => {
  const dir = t.testdir({ bin: {}, data: {}, state: {} });
  const log = join(dir, 'log');
  for (const name of ['systemctl', 'sync', 'sleep']) {
    const file = join(dir, 'bin', name);
    writeFileSync(file, `#!/bin/sh\necho ${name} "$@" >>${log}\n`);
    chmodSync(file, 0o755);
  }
  const starts = (healthyRuns: number) =>
    writeFileSync(
      join(dir, 'data/starts.json'),
      JSON.stringify({ version: 1, starts: 9, healthyRuns, crashes: 9 }),
    );
  const run = () => {
    rmSync(log, { force: true });
    const env = { PATH: `${join(dir, 'bin')}:${process.env.PATH}`, STATE_DIRECTORY: join(dir, 'state') };
    const script = join(ROOT, 'deploy/systemd/last-resort.sh');
    const { status, stderr } = spawnSync('/bin/sh', [script, 'watchpost-agent', join(dir, 'data')], {
      env,
      encoding: 'utf8',
    });
    t.equal(status, 0, stderr);
    const did = execFileSync('cat', [log], { encoding: 'utf8' });
    return did.includes('systemctl reboot --force')
      ? 'reboot'
      : did.includes('systemctl start')
        ? 'again'
        : did;
  };
  t.equal(run(), 'again', 'it was never set up: a reboot would mend nothing');
  starts(0);
  t.equal(run(), 'again');
  starts(2);
  t.strictSame([run(), run(), run(), run()], ['reboot', 'reboot', 'reboot', 'again']);
  starts(3);
  t.equal(run(), 'reboot', 'a run has lasted since');
  t.ok(existsSync(join(dir, 'state/watchpost-agent')));
});
