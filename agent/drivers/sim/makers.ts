import type { DeviceClock } from '../../ports/clock.ts';
import type { DriverMakers } from '../../ports/makers.ts';
import { SimBase } from './base.ts';
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
  base: () => new SimBase({ world }),
});
