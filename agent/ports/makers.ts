import type { ErrorCode } from '#contract/errors.ts';
import type { Actuator } from './actuators.ts';
import type { Base } from './base.ts';
import type { ContactInput, Sensor } from './inputs.ts';
import type { Lamp, Siren } from './outputs.ts';
import type { DeviceProfile } from './profile.ts';

/** What a part of the profile says of its driver: its name, and whatever the driver's own schema has let through. */
export type DriverChoice = DeviceProfile['lamp'];

/** How a part of the hardware is, as `wp.health.changed.v1` tells it. */
export interface PartHealth {
  readonly state: 'ok' | 'degraded' | 'failed';
  readonly code?: ErrorCode;
  /** At most 400 characters. */
  readonly detail?: string;
}

/**
 * What one driver can make of the entries of a profile that name it. Nothing is opened yet: a part opens what it
 * needs when it is started, and a driver whose library is large imports it then.
 */
export interface DriverMakers {
  readonly input?: (entry: DeviceProfile['inputs'][number]) => ContactInput;
  readonly sensor?: (entry: DeviceProfile['sensors'][number]) => Sensor;
  readonly lamp?: (choice: DriverChoice) => Lamp;
  readonly siren?: (choice: DriverChoice) => Siren;
  readonly actuator?: (entry: DeviceProfile['actuators'][number]) => Actuator;
  readonly base?: (choice: DriverChoice) => Base;
}
