import type { Clock } from '#contract/clock.ts';
import type { DriverMakers } from '../../ports/makers.ts';
import { ExecConfig } from './config.ts';
import { ExecSensor } from './exec-sensor.ts';

/** Sensors that a program of the operator reads. */
export const execMakers = (clock: Clock): DriverMakers => ({
  sensor: ({ name, unit, with: choice }) =>
    new ExecSensor({ name, unit, clock, config: ExecConfig.parse(choice) }),
});
