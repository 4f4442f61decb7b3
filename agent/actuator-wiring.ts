import type { Log } from '#contract/log.ts';
import { ActuatorKeeper } from './behaviours/actuators/actuator-keeper.ts';
import type { SimState } from './drivers/sim/protocol.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import type { Hardware, HardwareParts } from './hardware.ts';
import type { DeviceProfile } from './ports/profile.ts';

interface ActuatorWiring {
  readonly profile: DeviceProfile;
  readonly hardware: Hardware;
  readonly log: Log;
  readonly onHealth: HardwareParts['onHealth'];
  /** The state of the device has changed. */
  readonly onChange: () => void;
}

export function makeActuators({ profile, hardware, ...parts }: ActuatorWiring): ActuatorKeeper {
  const actuators = hardware.actuators.flatMap((actuator) => {
    const config = profile.actuators.find(({ name }) => name === actuator.name);
    return config === undefined ? [] : [{ actuator, config }];
  });
  return new ActuatorKeeper({ actuators, ...parts });
}

/** For `up/state`; nothing on a device that has none. */
export function actuatorOutputs(keeper: ActuatorKeeper): { actuators?: Record<string, string | null> } {
  const actuators = keeper.describe();
  return Object.keys(actuators).length === 0 ? {} : { actuators };
}

/** For `sim state`: where each was sent, and where it stands in the simulated world. */
export function simulatedActuators(keeper: ActuatorKeeper, world: SimWorld): Pick<SimState, 'actuators'> {
  const { actuators } = actuatorOutputs(keeper);
  if (actuators === undefined) return {};
  const stands = (name: string) => world.actuators.get(name) ?? null;
  return {
    actuators: Object.fromEntries(
      Object.entries(actuators).map(([name, position]) => [name, { position, degrees: stands(name) }]),
    ),
  };
}
