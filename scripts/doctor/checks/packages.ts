import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { builtOver, driverUses } from '#agent/profile/driver-uses.ts';
import type { Check } from '../check.ts';
import { type Finding, failed, ok, skipped } from '../finding.ts';
import type { Machine } from '../machine.ts';

const NODE_MAJOR = 24;

/** Something that is started; any one of `programs` will do. */
interface Need {
  readonly for: string;
  readonly programs: readonly string[];
  /** Debian's package of the first. */
  readonly package: string;
}

/** Node, and the programs and modules that the parts of the profile are made with. */
export const packagesCheck: Check = {
  name: 'packages',
  examine: ({ machine, profile }) => {
    if (profile === null)
      return [
        nodeFinding(machine),
        skipped('packages', 'no profile says what is needed: give --profile or --data'),
      ];
    const needs = needsOf(profile);
    return [
      nodeFinding(machine),
      ...needs.map((need) => programFinding(machine, need)),
      ...modulesOf(profile).map(([name, use]) => moduleFinding(machine, name, use)),
    ];
  },
};

function nodeFinding({ nodeVersion }: Machine): Finding {
  if (Number.parseInt(nodeVersion, 10) === NODE_MAJOR) return ok('node', nodeVersion);
  return failed('node', { code: 'WP4726', detail: `${nodeVersion}, not ${NODE_MAJOR}` });
}

const PLAYERS: Readonly<Record<string, Need>> = {
  auto: { for: 'sound', programs: ['paplay', 'pw-play', 'aplay'], package: 'pulseaudio-utils' },
  pulse: { for: 'sound', programs: ['paplay'], package: 'pulseaudio-utils' },
  pipewire: { for: 'sound', programs: ['pw-play'], package: 'pipewire-bin' },
  alsa: { for: 'sound', programs: ['aplay'], package: 'alsa-utils' },
};
const MICROPHONES: Readonly<Record<string, Need>> = {
  pulse: { for: 'microphone', programs: ['parec'], package: 'pulseaudio-utils' },
  alsa: { for: 'microphone', programs: ['arecord'], package: 'alsa-utils' },
};
const CAMERA: readonly Need[] = [
  { for: 'camera', programs: ['gst-launch-1.0'], package: 'gstreamer1.0-tools' },
  { for: 'camera', programs: ['gst-discoverer-1.0'], package: 'gstreamer1.0-plugins-base-apps' },
  { for: 'vision', programs: ['setpriv'], package: 'util-linux' },
];
const MODEM: Need = { for: 'modem', programs: ['busctl'], package: 'systemd' };

function needsOf(profile: DeviceProfile): Need[] {
  const { camera, speaker, voice } = profile;
  const player = PLAYERS[speaker.driver];
  const microphone = MICROPHONES[voice?.selfTest?.microphone.system ?? ''];
  const asksManager = uses(profile).some(({ driver, ask }) => driver === 'modem' && ask === 'modem-manager');
  return [
    ...(player === undefined ? [] : [player]),
    ...(microphone === undefined ? [] : [microphone]),
    ...(camera === undefined ? [] : CAMERA),
    ...(asksManager ? [MODEM] : []),
  ];
}

function programFinding(machine: Machine, need: Need): Finding {
  const what = `program ${need.programs.join(' or ')}`;
  const found = need.programs.map((name) => findProgram(machine, name)).find((path) => path !== null);
  if (found !== undefined) return ok(what, `${found}, for ${need.for}`);
  return failed(what, {
    code: 'WP4701',
    detail: `${need.programs.join(', ')}, for ${need.for}`,
    remedy: `sudo apt-get install --no-install-recommends ${need.package}`,
  });
}

/** Where PATH leads to an executable of this name, or null. */
function findProgram({ env }: Machine, name: string): string | null {
  const folders = (env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // Not there: the next folder may have it.
  }
}

function modulesOf(profile: DeviceProfile): [string, string][] {
  const all = uses(profile);
  const isSerial = all.some(({ driver, serial }) => driver === 'firmata' || typeof serial === 'string');
  const isFirmata = all.some(({ driver }) => driver === 'firmata');
  return [
    ['better-sqlite3', 'the journal'],
    ...(isSerial ? [['serialport', 'serial lines'] satisfies [string, string]] : []),
    ...(isFirmata ? [['johnny-five', 'boards'] satisfies [string, string]] : []),
    ...(profile.camera?.model === undefined
      ? []
      : [['onnxruntime-node', 'the model of the camera'] satisfies [string, string]]),
  ];
}

function moduleFinding(machine: Machine, name: string, use: string): Finding {
  const what = `module ${name}`;
  return machine.hasModule(name)
    ? ok(what, `for ${use}`)
    : failed(what, { code: 'WP4722', detail: `${name}, for ${use}` });
}

const uses = (profile: DeviceProfile): DeviceProfile['lamp'][] => {
  const direct = driverUses(profile);
  return [...direct, ...direct.flatMap(builtOver)].map(({ config }) => config);
};
