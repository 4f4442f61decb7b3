import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { AudioChoice } from './drivers/audio/auto-speaker.ts';
import { createSpeaker } from './drivers/audio/create-speaker.ts';
import { GstreamerConfig } from './drivers/gstreamer/config.ts';
import { SimBase } from './drivers/sim/base.ts';
import { SimContact } from './drivers/sim/contact.ts';
import { SimLamp } from './drivers/sim/lamp.ts';
import { SimSensor } from './drivers/sim/sensor.ts';
import { SimSiren } from './drivers/sim/siren.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import type { Base } from './ports/base.ts';
import type { DeviceClock } from './ports/clock.ts';
import type { ContactInput, Sensor } from './ports/inputs.ts';
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
}

/** @throws WatchpostError WP4007 for a driver that is not in the catalogue */
export function makeHardware(parts: HardwareParts): Hardware {
  const { profile, clock } = parts;
  const { siren, base } = profile;
  return {
    inputs: profile.inputs.map(({ name, kind, with: { driver } }) => {
      const world = simWorld(parts, driver, name);
      return new SimContact({ name, kind, world, clock });
    }),
    lamp: new SimLamp({ name: 'lamp', world: simWorld(parts, profile.lamp.driver, 'lamp') }),
    siren:
      siren === undefined
        ? null
        : new SimSiren({ name: 'siren', world: simWorld(parts, siren.driver, 'siren') }),
    speaker: makeSpeaker(parts),
    sensors: profile.sensors.map(({ name, unit, with: { driver } }) => {
      return new SimSensor({ name, unit, world: simWorld(parts, driver, name) });
    }),
    base: base === undefined ? null : new SimBase({ world: simWorld(parts, base.driver, 'base') }),
    cameraSource: cameraSource(parts),
  };
}

function simWorld({ world }: HardwareParts, driver: string, part: string): SimWorld {
  if (driver === 'sim' && world !== null) return world;
  throw new WatchpostError('WP4007', { detail: `${part}: driver ${driver}` });
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
