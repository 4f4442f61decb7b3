import * as z from 'zod';
import { SPEAKER_DRIVERS } from './drivers/audio/config.ts';
import { ExecConfig } from './drivers/exec/config.ts';
import {
  FirmataBoardConfig,
  FirmataContactConfig,
  FirmataOutputConfig,
  FirmataSensorConfig,
  FirmataServoConfig,
} from './drivers/firmata/config.ts';
import { GnssInputConfig, GnssSensorConfig } from './drivers/gnss/config.ts';
import { GpioInputConfig, GpioOutputConfig } from './drivers/gpio/config.ts';
import { GstreamerConfig } from './drivers/gstreamer/config.ts';
import { HwmonConfig, IioConfig, PowerConfig } from './drivers/kernel-files/config.ts';
import { ModemConfig } from './drivers/modem/config.ts';
import {
  SimActuatorConfig,
  SimBaseConfig,
  SimCameraConfig,
  SimContactConfig,
  SimLampConfig,
  SimSensorConfig,
  SimSirenConfig,
} from './drivers/sim/config.ts';
import { supervisedConfig } from './drivers/supervised/config.ts';
import type { DriverSchemas } from './profile/validate.ts';

const SENSORS = {
  sim: SimSensorConfig,
  firmata: FirmataSensorConfig,
  iio: IioConfig,
  hwmon: HwmonConfig,
  power: PowerConfig,
  exec: ExecConfig,
  gnss: GnssSensorConfig,
  modem: ModemConfig,
} as const;

/** Every driver that a profile may name, by the part it makes. */
export const DRIVER_SCHEMAS: DriverSchemas = {
  board: { firmata: FirmataBoardConfig },
  input: {
    sim: SimContactConfig,
    firmata: FirmataContactConfig,
    gpio: GpioInputConfig,
    gnss: GnssInputConfig,
    supervised: supervisedConfig(SENSORS),
  },
  lamp: { sim: SimLampConfig, firmata: FirmataOutputConfig, gpio: GpioOutputConfig },
  siren: { sim: SimSirenConfig, firmata: FirmataOutputConfig, gpio: GpioOutputConfig },
  speaker: Object.fromEntries(
    Object.entries(SPEAKER_DRIVERS).map(([name, schema]) => [
      name,
      schema.extend({ driver: z.literal(name) }),
    ]),
  ),
  sensor: SENSORS,
  camera: { sim: SimCameraConfig, gstreamer: GstreamerConfig },
  base: { sim: SimBaseConfig },
  actuator: { sim: SimActuatorConfig, firmata: FirmataServoConfig },
};
