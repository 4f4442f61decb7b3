import type { DeviceProfile } from '#agent/ports/profile.ts';

const SIM = { driver: 'sim' } as const;
type Sensor = DeviceProfile['sensors'][number];

/**
 * The same device with all its hardware simulated, to be tried where there is none: every input, output, sensor and
 * camera by its simulated twin, each sensor at a value within all its thresholds. What the device does with them is
 * untouched. Sound is left to the machine.
 */
export function simulated(profile: DeviceProfile): DeviceProfile {
  const { siren, camera, base } = profile;
  return {
    ...profile,
    boards: [],
    inputs: profile.inputs.map((input) => ({ ...input, with: SIM })),
    lamp: SIM,
    ...(siren === undefined ? {} : { siren: SIM }),
    speaker: { driver: 'auto' },
    ...(base === undefined || base.driver === 'sim' ? {} : { base: SIM }),
    actuators: profile.actuators.map((actuator) => ({ ...actuator, with: SIM })),
    sensors: profile.sensors.map((sensor) => ({ ...sensor, with: { ...SIM, value: atRest(sensor) } })),
    ...(camera === undefined ? {} : { camera: { ...camera, with: SIM } }),
  };
}

/** What it already reads where it is simulated; else halfway between the thresholds, or beside the only one. */
function atRest({ thresholds, with: choice }: Sensor): number {
  if (choice.driver === 'sim' && typeof choice.value === 'number') return choice.value;
  const below = thresholds.filter(({ direction }) => direction === 'below').map(({ clear }) => clear);
  const above = thresholds.filter(({ direction }) => direction === 'above').map(({ clear }) => clear);
  const [least, most] = [Math.max(...below), Math.min(...above)];
  if (below.length > 0 && above.length > 0) return (least + most) / 2;
  if (below.length > 0) return least + Math.abs(least) / 10;
  if (above.length > 0) return most > 0 ? 0 : most - 1;
  return 0;
}
