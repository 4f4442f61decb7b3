import { WatchpostError } from '#contract/errors.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { DriverMakers } from '../../ports/makers.ts';
import { SimActuator } from './actuator.ts';
import { SimContact } from './contact.ts';
import { SimLamp } from './lamp.ts';
import { SimSensor } from './sensor.ts';
import { SimSiren } from './siren.ts';
import type { SimWorld } from './world.ts';

/** Parts of the simulated world. */
export const simMakers = (world: SimWorld, clock: DeviceClock): DriverMakers => ({
  input: ({ name, kind }) => new SimContact({ name, kind, world, clock }),
  sensor: ({ name, unit }) => new SimSensor({ name, unit, world }),
  lamp: () => new SimLamp({ name: 'lamp', world }),
  siren: () => new SimSiren({ name: 'siren', world }),
  actuator: ({ name, positions, rest }) => {
    const restDegrees = positions[rest];
    if (restDegrees === undefined) throw new WatchpostError('WP4030', { detail: `${name}: ${rest}` });
    return new SimActuator({ name, restDegrees, world });
  },
});
