import type { DriverMakers } from '../../ports/makers.ts';
import { HwmonConfig, IioConfig, PowerConfig } from './config.ts';
import { KernelSensor } from './kernel-sensor.ts';
import { hwmonReading, iioReading, powerReading } from './readings.ts';

/** Numbers that the kernel has in files, by the driver's name in profiles. */
export const kernelFileMakers = (): Readonly<Record<'iio' | 'hwmon' | 'power', DriverMakers>> => ({
  iio: {
    sensor: ({ name, unit, with: choice }) =>
      new KernelSensor({ name, unit, reading: iioReading(IioConfig.parse(choice)) }),
  },
  hwmon: {
    sensor: ({ name, unit, with: choice }) =>
      new KernelSensor({ name, unit, reading: hwmonReading(HwmonConfig.parse(choice)) }),
  },
  power: {
    sensor: ({ name, unit, with: choice }) =>
      new KernelSensor({ name, unit, reading: powerReading(PowerConfig.parse(choice)) }),
  },
});
