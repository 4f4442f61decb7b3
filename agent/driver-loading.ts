import type { HardwareParts } from './hardware.ts';
import type { Sensor } from './ports/inputs.ts';
import type { DriverChoice, DriverMakers } from './ports/makers.ts';
import type { DeviceProfile } from './ports/profile.ts';

/** What drivers stand on; `readerOf` makes the sensor that a part is built over. */
export interface DriverParts extends HardwareParts {
  readonly readerOf: (choice: DriverChoice, name: string) => Sensor;
}

/** What makes the parts of one driver, once the world it stands in is known. */
export type DriverFactory = (parts: DriverParts) => DriverMakers;

/** The drivers that one profile names, loaded, by the name that profiles call them by. */
export type Drivers = ReadonlyMap<string, DriverFactory>;

/** Every driver that can make parts here. Each is imported only where a profile names it: a device has little memory. */
const LOADERS: ReadonlyMap<string, (profile: DeviceProfile) => Promise<DriverFactory>> = new Map([
  [
    'firmata',
    async () => {
      const { firmataMakers } = await import('./drivers/firmata/makers.ts');
      return ({ profile, clock, log, onHealth }: DriverParts) =>
        firmataMakers({ boards: profile.boards, clock, log, onHealth });
    },
  ],
  [
    'gpio',
    async () => {
      const { gpioMakers } = await import('./drivers/gpio/makers.ts');
      return ({ clock, onHealth }: DriverParts) => gpioMakers({ clock, onHealth });
    },
  ],
  ...(['iio', 'hwmon', 'power'] as const).map((name): [string, () => Promise<DriverFactory>] => [
    name,
    async () => {
      const { kernelFileMakers } = await import('./drivers/kernel-files/makers.ts');
      return () => kernelFileMakers()[name];
    },
  ]),
  [
    'exec',
    async () => {
      const { execMakers } = await import('./drivers/exec/makers.ts');
      return ({ clock }: DriverParts) => execMakers(clock);
    },
  ],
  [
    'gnss',
    async () => {
      const { gnssMakers } = await import('./drivers/gnss/makers.ts');
      return ({ profile, clock }: DriverParts) => gnssMakers({ place: profile.place, clock });
    },
  ],
  [
    'modem',
    async () => {
      const { modemMakers } = await import('./drivers/modem/makers.ts');
      return ({ clock }: DriverParts) => modemMakers(clock);
    },
  ],
  [
    'sim',
    async ({ base }: DeviceProfile) => {
      const { simMakers } = await import('./drivers/sim/makers.ts');
      // A device that stands still has no use for a hall, wheels and a battery.
      const robot = base?.driver === 'sim' ? await import('./drivers/sim/base.ts') : null;
      return ({ world, clock }: DriverParts) => {
        if (world === null) return {};
        const wheels = robot?.simBaseMaker({ world, clock });
        return { ...simMakers(world, clock), ...(wheels === undefined ? {} : { base: wheels }) };
      };
    },
  ],
  [
    'supervised',
    async () => {
      const { supervisedMakers } = await import('./drivers/supervised/makers.ts');
      return ({ clock, readerOf }: DriverParts) => supervisedMakers({ clock, readerOf });
    },
  ],
]);

/** The drivers of every part of the profile, and of what parts are built over; the speaker's apart. */
export function driversNamed({ speaker: _, ...parts }: DeviceProfile): ReadonlySet<string> {
  return new Set(driversIn(parts));
}

function driversIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const named = 'driver' in value && typeof value.driver === 'string' ? [value.driver] : [];
  return [...named, ...Object.values(value).flatMap(driversIn)];
}

/** Loads what the profile names. A name that nothing here goes by is left to `makeHardware`, which knows the part. */
export async function loadDrivers(profile: DeviceProfile): Promise<Drivers> {
  const named = driversNamed(profile);
  const loaded = [...LOADERS]
    .filter(([name]) => named.has(name))
    .map(async ([name, load]) => [name, await load(profile)] as const);
  return new Map(await Promise.all(loaded));
}
