import * as z from 'zod';
import type { DeviceProfile } from '#agent/ports/profile.ts';

/** The parts that a driver can make. */
export const DRIVER_ROLES = [
  'board',
  'input',
  'lamp',
  'siren',
  'speaker',
  'sensor',
  'camera',
  'base',
  'actuator',
] as const;
export type DriverRole = (typeof DRIVER_ROLES)[number];

/** A part that hangs on something, or what such a part is built over. */
export interface DriverUse {
  readonly role: DriverRole;
  /** Where its driver is named. */
  readonly path: string;
  readonly config: DeviceProfile['lamp'];
}

/** As much of a profile as names drivers. */
type Wired = Pick<
  DeviceProfile,
  'boards' | 'inputs' | 'sensors' | 'actuators' | 'lamp' | 'siren' | 'speaker' | 'base' | 'camera'
>;

const Reader = z.looseObject({ driver: z.string() });

/** Every part of the profile that names a driver. */
export function driverUses(profile: Wired): DriverUse[] {
  const { boards, inputs, sensors, actuators, lamp, siren, speaker, base, camera } = profile;
  const uses: DriverUse[] = [
    ...boards.map((board, i) => ({ role: 'board' as const, path: `boards[${i}].with`, config: board.with })),
    ...inputs.map((input, i) => ({ role: 'input' as const, path: `inputs[${i}].with`, config: input.with })),
    ...sensors.map((sensor, i) => ({
      role: 'sensor' as const,
      path: `sensors[${i}].with`,
      config: sensor.with,
    })),
    ...actuators.map((actuator, i) => ({
      role: 'actuator' as const,
      path: `actuators[${i}].with`,
      config: actuator.with,
    })),
    { role: 'lamp', path: 'lamp', config: lamp },
    { role: 'speaker', path: 'speaker', config: speaker },
  ];
  if (siren !== undefined) uses.push({ role: 'siren', path: 'siren', config: siren });
  if (base !== undefined) uses.push({ role: 'base', path: 'base', config: base });
  if (camera !== undefined) uses.push({ role: 'camera', path: 'camera.with', config: camera.with });
  return uses;
}

/** A supervised line is read by a sensor, which hangs on something itself. */
export function builtOver({ path, config }: DriverUse): DriverUse[] {
  const sensor = Reader.safeParse(config.sensor);
  return sensor.success ? [{ role: 'sensor', path: `${path}.sensor`, config: sensor.data }] : [];
}
