import type { Clock } from '#contract/clock.ts';
import type { DriverMakers } from '../../ports/makers.ts';
import { ModemConfig } from './config.ts';
import { askManager } from './modem-manager.ts';
import { atQuestion, ModemSensor } from './modem-sensor.ts';

/** How well the cellular link is. */
export const modemMakers = (clock: Clock): DriverMakers => ({
  sensor: ({ name, unit, with: choice }) => {
    const config = ModemConfig.parse(choice);
    const question = config.ask === 'at' ? atQuestion(config, clock) : () => askManager({ config });
    return new ModemSensor({ name, unit, question });
  },
});
