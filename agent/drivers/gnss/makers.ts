import type { Place } from '#contract/event-data.ts';
import type { Position } from '#contract/great-circle.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { DriverMakers } from '../../ports/makers.ts';
import { GnssInputConfig, GnssSensorConfig, type ReceiverChoice } from './config.ts';
import { GnssSensor } from './gnss-sensor.ts';
import { GnssTamper } from './gnss-tamper.ts';
import { Receiver } from './receiver.ts';

/** What a satellite receiver tells of a fixed device. All parts that name one receiver share it. */
export function gnssMakers({ place, clock }: { place: Place; clock: DeviceClock }): DriverMakers {
  const receivers = new Map<string, Receiver>();
  const receiverOf = (choice: ReceiverChoice): Receiver => {
    const key = choice.gpsd ?? choice.serial ?? '';
    const receiver = receivers.get(key) ?? new Receiver({ choice, clock });
    receivers.set(key, receiver);
    return receiver;
  };
  const home = homeOf(place);
  return {
    input: ({ name, kind, with: choice }) => {
      const config = GnssInputConfig.parse(choice);
      return new GnssTamper({ name, kind, config, home, receiver: receiverOf(config), clock });
    },
    sensor: ({ name, unit, with: choice }) => {
      const config = GnssSensorConfig.parse(choice);
      return new GnssSensor({ name, unit, measure: config.measure, home, receiver: receiverOf(config) });
    },
  };
}

const homeOf = ({ latitude, longitude }: Place): Position | null =>
  latitude === undefined || longitude === undefined ? null : { latitude, longitude };
