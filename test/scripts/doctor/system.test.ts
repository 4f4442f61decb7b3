import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { clockCheck } from '#scripts/doctor/checks/clock.ts';
import { diskCheck } from '#scripts/doctor/checks/disk.ts';
import { packagesCheck } from '#scripts/doctor/checks/packages.ts';
import { wearCheck } from '#scripts/doctor/checks/wear.ts';
import { examine } from '#scripts/doctor/examine.ts';
import { thisMachine } from '#scripts/doctor/machine.ts';
import { mountOf } from '#scripts/doctor/mount.ts';
import { reportLines } from '#scripts/doctor/report.ts';
import { found, machineIn, NOW_MS, patient, profileOf, program, systemTree } from './patient.ts';

type Files = Parameters<typeof systemTree>[1];
const DEVICE = 'sys/devices/mmc0/block/mmcblk0/device';

t.test(
  'a clock that was never set is told from one that nobody confirmed, and from a good one',
  async (t) => {
    const root = systemTree(t.testdir());
    const at = (nowMs: number) => patient({ machine: machineIn(root, { nowMs: () => nowMs }) });
    t.same(await found(clockCheck, at(NOW_MS)), ['ok clock', 'ok clock is kept']);
    t.same(await found(clockCheck, at(0)), ['failed clock WP4702', 'ok clock is kept']);
  },
);

t.test('whether the clock is kept is asked of the kernel where timesyncd does not say', async (t) => {
  const root = systemTree(t.testdir(), { 'run/systemd/timesync/synchronized': null });
  const saying = (shown: string, status: number | null) =>
    patient({ machine: machineIn(root, { run: async () => ({ status, shown, said: '' }) }) });
  t.match(await found(clockCheck, saying('yes\n', 0)), ['ok clock', 'ok clock is kept']);
  t.match(await found(clockCheck, saying('no\n', 0)), ['ok clock', 'warning clock is kept WP4703']);
  t.match(await found(clockCheck, saying('', null)), ['ok clock', 'skipped clock is kept']);
});

t.test('the clock is held against that of the site', async (t) => {
  const root = systemTree(t.testdir());
  let siteMs = NOW_MS;
  const site = createServer((_, response) =>
    response.setHeader('Date', new Date(siteMs).toUTCString()).end(),
  );
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.teardown(() => site.close());
  const address = site.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const siteUrl = `http://127.0.0.1:${port}`;
  const who = patient({ machine: machineIn(root), siteUrl });
  for (const [behindS, result] of [
    [0, 'ok clock of the site'],
    [15, 'warning clock of the site WP4704'],
    [60, 'failed clock of the site WP4704'],
    [-30, 'failed clock of the site WP4704'],
    [-15, 'warning clock of the site WP4704'],
  ] as const) {
    siteMs = NOW_MS + behindS * 1000;
    t.equal((await found(clockCheck, who)).at(-1), result, `${behindS} s behind`);
  }
  const gone = patient({ machine: machineIn(root), siteUrl: 'http://127.0.0.1:1' });
  t.equal((await found(clockCheck, gone)).at(-1), 'failed clock of the site WP4714');
});

t.test('a full disk, one without inodes, a read-only one and one with errors are each found', async (t) => {
  const look = (name: string, files: Files, space = {}) => {
    const root = systemTree(join(t.testdirName, name), files);
    const machine = machineIn(root, {
      space: async () => ({ freeBytes: 1e9, freeFiles: 9, files: 9, ...space }),
    });
    return found(diskCheck, patient({ machine, dataDir: '/data' }));
  };
  t.testdir();
  const well = ['ok disk room', 'ok disk is writable', 'ok file system'];
  t.same(await look('well', {}), well);
  t.same((await look('low', {}, { freeBytes: 100e6 }))[0], 'warning disk room WP4713');
  t.same((await look('full', {}, { freeBytes: 1e6 }))[0], 'failed disk room WP4713');
  t.same((await look('inodes', {}, { freeFiles: 0 }))[0], 'failed disk room WP4713');
  t.same((await look('btrfs', {}, { freeFiles: 0, files: 0 }))[0], 'ok disk room');
  const mount = (line: string) => ({ 'proc/self/mountinfo': line });
  const readOnly = mount('22 1 179:2 / / rw - ext4 /dev/mmcblk0p2 ro,errors=remount-ro\n');
  t.same((await look('ro', readOnly))[1], 'failed disk is writable WP4711');
  const errors = { 'sys/fs/ext4/mmcblk0p2/errors_count': '3\n' };
  t.same((await look('errors', errors))[2], 'failed file system WP4712');
  t.same((await look('memory', mount('22 1 0:5 / / rw - tmpfs tmpfs rw\n')))[1], 'warning disk WP4725');
});

t.test('the mount of a folder is the innermost one, with blanks in its name', async (t) => {
  const root = systemTree(t.testdir(), {
    'proc/self/mountinfo': [
      '22 1 179:2 / / rw - ext4 /dev/mmcblk0p2 rw',
      '23 22 8:1 / /media/my\\040stick ro - vfat /dev/sda1 rw',
      '24 22 8:2 / /media/my ro - vfat /dev/sda2 rw',
    ].join('\n'),
  });
  t.match(mountOf({ ...machineIn(root) }, '/media/my stick/a'), { source: '/dev/sda1', isReadOnly: true });
  t.match(mountOf({ ...machineIn(root) }, '/media/mystic'), {
    source: '/dev/mmcblk0p2',
    diskName: 'mmcblk0',
  });
});

t.test('an eMMC says how worn it is; an SD card does not, and that is said', async (t) => {
  t.testdir();
  const look = async (name: string, files: Files) => {
    const machine = machineIn(systemTree(join(t.testdirName, name), files));
    return (await wearCheck.examine(patient({ machine, dataDir: '/data' })))[0];
  };
  const emmc = (life: string, spare: string) => ({
    [`${DEVICE}/life_time`]: `${life}\n`,
    [`${DEVICE}/pre_eol_info`]: `${spare}\n`,
  });
  t.match(await look('new', emmc('0x01 0x02', '0x01')), { result: 'ok', evidence: /10 to 20 % of its life/ });
  t.match(await look('old', emmc('0x02 0x0a', '0x01')), { result: 'warning', evidence: /90 to 100 %/ });
  t.match(await look('dead', emmc('0x0b 0x01', '0x01')), { result: 'failed', code: 'WP4710' });
  t.match(await look('spare', emmc('0x01 0x01', '0x03')), {
    result: 'failed',
    evidence: /90 % of the spare/,
  });
  t.match(await look('spare2', emmc('0x01 0x01', '0x02')), { result: 'warning' });
  t.match(await look('silent', emmc('0x00 0x00', '0x00')), { result: 'skipped' });
  // 195312 sectors of 512 bytes in two days.
  t.match(await look('sd', {}), {
    result: 'skipped',
    evidence: /SD card does not say.* 100 MB written in the 2\.0 days .* 50\.0 MB a day/,
  });
});

t.test(
  'programs, modules and Node that the profile needs are found missing, each with its package',
  async (t) => {
    const root = systemTree(t.testdir());
    const camera = {
      name: 'c',
      width: 320,
      framesPerSecond: 10,
      dwellS: 60,
      with: { driver: 'gstreamer', source: '/a' },
    };
    const boards = [{ name: 'b', with: { driver: 'firmata', port: 'x' } }];
    const profile = profileOf({ camera, boards });
    const bare = patient({
      profile,
      machine: machineIn(root, { hasModule: () => false, nodeVersion: '20.1.0' }),
    });
    const findings = await packagesCheck.examine(bare);
    t.equal(
      findings.every(({ result }) => result === 'failed'),
      true,
    );
    t.match(
      findings.find(({ what }) => what === 'program gst-launch-1.0'),
      {
        remedy: 'sudo apt-get install --no-install-recommends gstreamer1.0-tools',
      },
    );
    t.match(
      findings.find(({ what }) => what === 'module serialport'),
      { code: 'WP4722' },
    );
    for (const name of ['paplay', 'gst-launch-1.0', 'gst-discoverer-1.0', 'setpriv']) program(root, name);
    const whole = await packagesCheck.examine(patient({ profile, machine: machineIn(root) }));
    t.equal(whole.length, findings.length);
    t.equal(
      whole.every(({ result }) => result === 'ok'),
      true,
    );
    chmodSync(join(root, 'bin/setpriv'), 0o644);
    const unusable = await found(packagesCheck, patient({ profile, machine: machineIn(root) }));
    t.ok(unusable.includes('failed program setpriv WP4701'));
  },
);

t.test('a check that fails itself is a finding, and the others go on', async (t) => {
  const broken = {
    name: 'broken',
    examine: () => {
      throw new RangeError('it fell over');
    },
  };
  const findings = await examine(patient({ machine: machineIn(systemTree(t.testdir())) }), undefined, [
    broken,
    clockCheck,
  ]);
  t.match(findings, [{ what: 'broken', result: 'failed', code: 'WP4700' }, { what: 'clock' }, {}]);
});

t.test('this machine is examined for real, and nothing is left in the folder', async (t) => {
  const dataDir = join(t.testdir(), 'device');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'note'), '');
  const findings = await examine(patient({ machine: thisMachine, dataDir }));
  t.match(
    findings.find(({ what }) => what === 'clock'),
    { result: 'ok' },
  );
  t.match(
    findings.find(({ what }) => what === 'disk room'),
    { result: /ok|warning/ },
  );
  t.match(
    findings.find(({ what }) => what === 'agent'),
    { result: 'skipped' },
  );
});

t.test('what failed stands last, with what mends it', async (t) => {
  const lines = reportLines([
    { what: 'a', result: 'failed', evidence: 'broken', code: 'WP4713', remedy: 'mend it' },
    { what: 'b', result: 'ok', evidence: 'fine' },
    { what: 'c', result: 'warning', evidence: 'hm', code: 'WP4703', remedy: 'see to it' },
  ]);
  t.match(lines, [
    /^ok +b +fine/,
    /^WARNING +c/,
    /→ see to it/,
    /^FAILED +a +WP4713 broken/,
    /→ mend it/,
    '',
    /^1 ok, 1 warnings, 1 failed, 0 skipped/,
  ]);
});
