import type { DeviceState } from '#contract/messages.ts';
import type { DeviceProfile } from './ports/profile.ts';

/** For `up/state`: what commands may name. A visitor's button cannot be bypassed and is not among them. */
export function partsOf({ inputs, sensors, actuators }: DeviceProfile): NonNullable<DeviceState['parts']> {
  const bypassable = inputs.filter(({ kind }) => kind !== 'guidance');
  return {
    inputs: Object.fromEntries(bypassable.map(({ name, kind }) => [name, kind])),
    sensors: sensors.map(({ name }) => name),
    actuators: Object.fromEntries(actuators.map(({ name, positions }) => [name, Object.keys(positions)])),
  };
}
