import type { DeviceClock } from '../../ports/clock.ts';
import type { Sensor } from '../../ports/inputs.ts';
import type { DriverChoice, DriverMakers } from '../../ports/makers.ts';
import { SupervisedConfig } from './config.ts';
import { SupervisedContact } from './supervised-contact.ts';

export interface SupervisedMakersParts {
  readonly clock: DeviceClock;
  /** Makes the reader of a circuit, by whichever driver it names. */
  readonly readerOf: (choice: DriverChoice, name: string) => Sensor;
}

/** Contacts at the end of supervised lines, over any sensor. */
export const supervisedMakers = ({ clock, readerOf }: SupervisedMakersParts): DriverMakers => ({
  input: ({ name, kind, with: choice }) => {
    const config = SupervisedConfig.parse(choice);
    return new SupervisedContact({ name, kind, config, sensor: readerOf(config.sensor, name), clock });
  },
});
