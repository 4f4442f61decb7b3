import type { DeviceState } from '#contract/messages.ts';
import { driversNamed } from './driver-loading.ts';
import type { DeviceProfile } from './ports/profile.ts';

type Parts = NonNullable<DeviceState['parts']>;

/** For `up/state`: what commands may name. A visitor's button cannot be bypassed and is not among them. */
export function partsOf(profile: DeviceProfile): Parts {
  const { inputs, sensors, actuators, siren, voice, languages } = profile;
  const bypassable = inputs.filter(({ kind }) => kind !== 'guidance');
  return {
    inputs: Object.fromEntries(bypassable.map(({ name, kind }) => [name, kind])),
    sensors: sensors.map(({ name }) => name),
    actuators: Object.fromEntries(actuators.map(({ name, positions }) => [name, Object.keys(positions)])),
    siren: siren !== undefined,
    microphone: voice?.selfTest !== undefined,
    gnss:
      sensors.find(({ with: { driver, measure } }) => driver === 'gnss' && measure === 'distance')?.name ??
      null,
    simulated: driversNamed(profile).has('sim'),
    languages: [...languages],
    camera: cameraOf(profile),
    ranges: Object.fromEntries(sensors.map((sensor) => [sensor.name, rangeOf(sensor)])),
  };
}

function cameraOf({ camera }: DeviceProfile): Parts['camera'] {
  if (camera === undefined) return null;
  return { name: camera.name, zones: camera.zones.map(({ name, polygon }) => ({ name, points: polygon })) };
}

/** What crosses none of the thresholds of a sensor. */
function rangeOf({
  unit,
  thresholds,
}: DeviceProfile['sensors'][number]): NonNullable<Parts['ranges']>[string] {
  const limits = (wanted: 'above' | 'below') =>
    thresholds.filter(({ direction }) => direction === wanted).map(({ limit }) => limit);
  const [above, below] = [limits('above'), limits('below')];
  return {
    unit,
    min: below.length === 0 ? null : Math.max(...below),
    max: above.length === 0 ? null : Math.min(...above),
  };
}
