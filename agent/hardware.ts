import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { AudioChoice } from './drivers/audio/auto-speaker.ts';
import { createSpeaker } from './drivers/audio/create-speaker.ts';
import { execMakers } from './drivers/exec/makers.ts';
import { firmataMakers } from './drivers/firmata/makers.ts';
import { gnssMakers } from './drivers/gnss/makers.ts';
import { gpioMakers } from './drivers/gpio/makers.ts';
import { GstreamerConfig } from './drivers/gstreamer/config.ts';
import { kernelFileMakers } from './drivers/kernel-files/makers.ts';
import { modemMakers } from './drivers/modem/makers.ts';
import { simMakers } from './drivers/sim/makers.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import { supervisedMakers } from './drivers/supervised/makers.ts';
import type { Base } from './ports/base.ts';
import type { DeviceClock } from './ports/clock.ts';
import type { ContactInput, Sensor } from './ports/inputs.ts';
import type { DriverChoice, DriverMakers, PartHealth } from './ports/makers.ts';
import type { Lamp, Siren } from './ports/outputs.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { Speaker } from './ports/speaker.ts';

/** The parts of one device, each made by the driver that the profile names. */
export interface Hardware {
  readonly inputs: readonly ContactInput[];
  readonly lamp: Lamp;
  readonly siren: Siren | null;
  readonly speaker: Speaker;
  readonly sensors: readonly Sensor[];
  readonly base: Base | null;
  /** What the vision process is to watch; null without a camera. */
  readonly cameraSource: string | null;
}

export interface HardwareParts {
  readonly profile: DeviceProfile;
  readonly dataDir: string;
  readonly clock: DeviceClock;
  readonly log: Log;
  readonly world: SimWorld | null;
  readonly onSpeaker: (choice: AudioChoice) => void;
  /** A part that several others hang on, a board, works or does not. */
  readonly onHealth: (part: string, health: PartHealth) => void;
}

type Role = keyof DriverMakers;

/** Every driver that can make parts here, by the name that profiles call it by. */
function driversOf(parts: HardwareParts): Readonly<Record<string, DriverMakers>> {
  const { clock, log, world, profile, onHealth } = parts;
  return {
    firmata: firmataMakers({ boards: profile.boards, clock, log, onHealth }),
    gpio: gpioMakers({ clock, onHealth }),
    ...kernelFileMakers(),
    exec: execMakers(clock),
    gnss: gnssMakers({ place: profile.place, clock }),
    modem: modemMakers(clock),
    ...(world === null ? {} : { sim: simMakers(world, clock) }),
  };
}

/** @throws WatchpostError WP4007 for a driver that does not make such a part here */
export function makeHardware(parts: HardwareParts): Hardware {
  const { inputs, sensors, lamp, siren, base } = parts.profile;
  const drivers = new Map<string, DriverMakers>(Object.entries(driversOf(parts)));
  const makerOf = <R extends Role>(role: R, { driver }: DriverChoice, part: string) => {
    const make = drivers.get(driver)?.[role];
    if (make === undefined) throw new WatchpostError('WP4007', { detail: `${part}: driver ${driver}` });
    return make;
  };
  const readerOf = (choice: DriverChoice, name: string) => {
    const rest = { unit: '1', periodS: 1, deadband: 0, atLeastEveryS: 86_400, thresholds: [] };
    return makerOf('sensor', choice, name)({ ...rest, name, with: choice });
  };
  drivers.set('supervised', supervisedMakers({ clock: parts.clock, readerOf }));
  return {
    inputs: inputs.map((entry) => makerOf('input', entry.with, entry.name)(entry)),
    lamp: makerOf('lamp', lamp, 'lamp')(lamp),
    siren: siren === undefined ? null : makerOf('siren', siren, 'siren')(siren),
    speaker: makeSpeaker(parts),
    sensors: sensors.map((entry) => makerOf('sensor', entry.with, entry.name)(entry)),
    base: base === undefined ? null : makerOf('base', base, 'base')(base),
    cameraSource: cameraSource(parts),
  };
}

function makeSpeaker({ profile, clock, dataDir, onSpeaker }: HardwareParts): Speaker {
  return createSpeaker(profile.speaker, {
    clock,
    dataDir,
    onChoice: onSpeaker,
  });
}

function cameraSource({ profile: { camera }, world }: HardwareParts): string | null {
  if (camera === undefined) return null;
  if (camera.with.driver === 'sim') return world?.clipFile ?? null;
  return GstreamerConfig.parse(camera.with).source;
}
