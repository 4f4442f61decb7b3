import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Drivers } from './driver-loading.ts';
import type { AudioChoice } from './drivers/audio/auto-speaker.ts';
import { createSpeaker } from './drivers/audio/create-speaker.ts';
import { GstreamerConfig } from './drivers/gstreamer/config.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import type { Actuator } from './ports/actuators.ts';
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
  readonly actuators: readonly Actuator[];
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
  readonly drivers: Drivers;
  readonly onSpeaker: (choice: AudioChoice) => void;
  /** A part that several others hang on, a board, works or does not. */
  readonly onHealth: (part: string, health: PartHealth) => void;
}

type Role = keyof DriverMakers;
type Maker<R extends Role> = NonNullable<DriverMakers[R]>;

/** @throws WatchpostError WP4007 for a driver that does not make such a part here */
export function makeHardware(parts: HardwareParts): Hardware {
  const { inputs, sensors, actuators, lamp, siren, base } = parts.profile;
  const makerOf = <R extends Role>(role: R, { driver }: DriverChoice, part: string): Maker<R> => {
    const make = makers.get(driver)?.[role];
    if (make === undefined) throw new WatchpostError('WP4007', { detail: `${part}: driver ${driver}` });
    return make;
  };
  const readerOf = (choice: DriverChoice, name: string): Sensor => {
    const rest = { unit: '1', periodS: 1, deadband: 0, atLeastEveryS: 86_400, thresholds: [] };
    return makerOf('sensor', choice, name)({ ...rest, name, with: choice });
  };
  const makers: ReadonlyMap<string, DriverMakers> = new Map(
    [...parts.drivers].map(([name, make]) => [name, make({ ...parts, readerOf })]),
  );
  return {
    inputs: inputs.map((entry) => makerOf('input', entry.with, entry.name)(entry)),
    lamp: makerOf('lamp', lamp, 'lamp')(lamp),
    siren: siren === undefined ? null : makerOf('siren', siren, 'siren')(siren),
    speaker: makeSpeaker(parts),
    sensors: sensors.map((entry) => makerOf('sensor', entry.with, entry.name)(entry)),
    actuators: actuators.map((entry) => makerOf('actuator', entry.with, entry.name)(entry)),
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
