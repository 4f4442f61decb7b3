import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DeviceProfile } from '#agent/ports/profile.ts';
import { type Addon, loadAddon } from '#contract/native-addon.ts';
import type { Check, Patient } from '#scripts/doctor/check.ts';
import type { Finding } from '#scripts/doctor/finding.ts';
import { type Machine, thisMachine } from '#scripts/doctor/machine.ts';

export const NOW_MS = Date.UTC(2026, 10, 22, 12);
const MIB = 1024 * 1024;

/** A well Raspberry-like board: everything on an SD card, mmcblk0p2. */
const WELL: Readonly<Record<string, string>> = {
  'proc/self/mountinfo': '22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw\n',
  'proc/uptime': '172800.00 300000.00\n',
  'proc/sys/kernel/random/boot_id': 'boot-now\n',
  'run/systemd/timesync/synchronized': '',
  'sys/devices/mmc0/block/mmcblk0/stat': '1 2 3 4 5 6 195312 8 9 10 11\n',
  'sys/devices/mmc0/block/mmcblk0/device/type': 'SD\n',
  'sys/devices/mmc0/block/mmcblk0/mmcblk0p2/partition': '2\n',
  'sys/fs/ext4/mmcblk0p2/errors_count': '0\n',
};

/** Such a tree in `root`, with these files besides; null leaves one out. */
export function systemTree(root: string, files: Readonly<Record<string, string | null>> = {}): string {
  for (const [path, text] of Object.entries({ ...WELL, ...files })) {
    if (text === null) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'sys/dev/block'), { recursive: true });
  mkdirSync(join(root, 'sys/block'), { recursive: true });
  symlinkSync('../../devices/mmc0/block/mmcblk0/mmcblk0p2', join(root, 'sys/dev/block/179:2'));
  symlinkSync('../devices/mmc0/block/mmcblk0', join(root, 'sys/block/mmcblk0'));
  return root;
}

export function machineIn(root: string, also: Partial<Machine> = {}): Machine {
  return {
    root,
    env: { PATH: join(root, 'bin') },
    nowMs: () => NOW_MS,
    nodeVersion: '24.21.0',
    addon: () => loadAddon('/nowhere/watchpost.node'),
    run: async () => ({ status: null, shown: '', said: 'not here' }),
    space: async () => ({ freeBytes: 1000 * MIB, freeFiles: 1000, files: 2000 }),
    hasModule: () => true,
    ...also,
  };
}

export function patient(also: Partial<Patient> = {}): Patient {
  return {
    ...{ machine: thisMachine, dataDir: null, profile: null, brokers: [] },
    ...{ identityDir: null, siteUrl: null, cardDir: null, siteDir: null, ...also },
  };
}

/** What was found, as `result what` and the code where there is one; every trouble has a remedy. */
export async function found(check: Check, who: Patient): Promise<string[]> {
  const findings = await check.examine(who);
  for (const finding of findings) requireRemedy(finding);
  return findings.map(({ result, what, code }) => `${result} ${what}${code === undefined ? '' : ` ${code}`}`);
}

function requireRemedy({ result, what, remedy }: Finding): void {
  const isTrouble = result === 'failed' || result === 'warning';
  if (isTrouble && (remedy ?? '') === '') throw new RangeError(`${what} has no remedy`);
}

/** A program in the `bin` of the tree that prints this and ends with the code. */
export function program(root: string, name: string, { prints = '', code = 0 } = {}): void {
  mkdirSync(join(root, 'bin'), { recursive: true });
  const file = join(root, 'bin', name);
  writeFileSync(file, `#!/bin/sh\nprintf '%b' '${prints}'\nexit ${code}\n`);
  chmodSync(file, 0o755);
}

/** A board with one chip of this label and 32 lines, of which one has another user. */
export function chipOf(root: string, label: string, busy: { line: number; consumer: string }): Addon {
  mkdirSync(join(root, 'dev'), { recursive: true });
  writeFileSync(join(root, 'dev/gpiochip0'), '');
  const none = () => 0;
  return {
    flags: { activeLow: 0, biasUp: 0, biasDown: 0, biasNone: 0 },
    chip: () => ({ name: 'gpiochip0', label, lines: 32 }),
    line: (_, offset) => ({
      name: `GPIO${offset}`,
      used: offset === busy.line,
      consumer: offset === busy.line ? busy.consumer : '',
    }),
    ...{ watch: none, drive: none, level: none, set: () => undefined },
    ...{ release: () => undefined, notify: () => undefined },
  };
}

/** A pillar with a button on a line, a board, a camera, a sensor of the kernel, and a speaker. */
export function profileOf(also: object = {}): DeviceProfile {
  return DeviceProfile.parse({
    profileVersion: 1,
    name: 'test',
    kind: 'pillar',
    description: '',
    place: { label: 'here', latitude: 0, longitude: 0 },
    languages: ['en'],
    supervisionS: 60,
    inputs: [{ name: 'button', kind: 'button', with: { driver: 'gpio', chip: 'pinctrl-bcm2711', line: 17 } }],
    lamp: { driver: 'sim' },
    speaker: { driver: 'pulse' },
    panic: { siren: false },
    retention: { evidenceDays: 7 },
    ...also,
  });
}
