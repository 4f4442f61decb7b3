import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Log } from '#contract/log.ts';
import { driversNamed } from './driver-loading.ts';
import { SimBaseConfig, SimSensorConfig } from './drivers/sim/config.ts';
import { SimWorld } from './drivers/sim/world.ts';
import { SupervisedConfig } from './drivers/supervised/config.ts';
import type { DriverChoice } from './ports/makers.ts';
import type { DeviceProfile } from './ports/profile.ts';

/** What `prepare` found for the simulated camera: clips by name, and which plays at first. */
export const SimClips = z.strictObject({
  clips: z.record(z.string(), z.string()),
  /** What follows a clip that has ended; one that follows itself is looped, one without a follower stays ended. */
  next: z.record(z.string(), z.string()),
  clip: z.string().nullable(),
});
export type SimClips = z.infer<typeof SimClips>;

/** True when any part of the profile is simulated: then there is a world to work it. */
export const isSimulated = (profile: DeviceProfile): boolean => driversNamed(profile).has('sim');

/** The readers of supervised lines; a simulated one is a sensor of the world by the name of its input. */
function circuitsOf(inputs: readonly Pick<DeviceProfile['inputs'][number], 'with'>[]): DriverChoice[] {
  return inputs
    .filter((input) => input.with.driver === 'supervised')
    .map((input) => SupervisedConfig.parse(input.with).sensor);
}

/** The world around this device, as its profile describes it. */
export function simulatedWorld(
  profile: DeviceProfile,
  { dataDir, log }: { dataDir: string; log: Log },
): SimWorld {
  const { inputs, sensors, base } = profile;
  const simulated = sensors.filter((sensor) => sensor.with.driver === 'sim');
  const { map, x, y, theta } = SimBaseConfig.parse(base?.driver === 'sim' ? base : { driver: 'sim' });
  return new SimWorld({
    contacts: inputs.filter((input) => input.with.driver === 'sim').map(({ name }) => name),
    sensors: Object.fromEntries([
      ...simulated.map((sensor) => [sensor.name, SimSensorConfig.parse(sensor.with).value] as const),
      ...inputs.flatMap(({ name, ...input }) =>
        circuitsOf([input])
          .filter(({ driver }) => driver === 'sim')
          .map((reader) => [name, SimSensorConfig.parse(reader).value] as const),
      ),
    ]),
    ...readClips(profile, { dataDir, log }),
    pose: { map, x, y, theta },
    file: join(dataDir, 'sim-world.json'),
    log,
  });
}

/** A device with a card was not prepared here: its simulated camera may have nothing to show. */
function readClips({ camera }: DeviceProfile, { dataDir, log }: { dataDir: string; log: Log }): SimClips {
  const none: SimClips = { clips: {}, next: {}, clip: null };
  const file = join(dataDir, 'sim.json');
  if (camera?.with.driver !== 'sim') return none;
  if (existsSync(file)) return SimClips.parse(JSON.parse(readFileSync(file, 'utf8')));
  log.warn({ file }, 'sim.no-clips');
  return none;
}
