import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import type { HwmonConfig, IioConfig, PowerConfig } from './config.ts';
import { findDevice } from './find-device.ts';
import { readNumber, readOptional } from './number-file.ts';

/** How one number is come by, and from which folder; a folder is looked for again when reading it fails. */
export interface Reading {
  find(): Promise<string>;
  /** In the unit that the page docs/inputs.md gives for it. */
  read(folder: string): Promise<number>;
}

/**
 * Temperature and humidity in thousandths, voltage and current in mV and mA; pressure (kPa), illuminance (lux) and
 * resistance (ohm) as they are. Source: Documentation/ABI/testing/sysfs-bus-iio.
 */
const IIO_THOUSANDTHS = /^(temp|humidityrelative|voltage|current)\d*(-|$)/;

/** `in_X_input` where the driver computes it, else `(in_X_raw + in_X_offset) · in_X_scale`. */
export function iioReading({ device, at, channel, times, root }: IioConfig): Reading {
  const factor = IIO_THOUSANDTHS.test(channel) ? times / 1000 : times;
  return {
    find: () => findDevice({ folder: join(root, 'bus/iio/devices'), device, at }),
    read: async (folder) => {
      const input = await readOptional(join(folder, `in_${channel}_input`));
      if (input !== null) return input * factor;
      const raw = await readNumber(join(folder, `in_${channel}_raw`));
      const offset = await sharedOf(folder, channel, 'offset');
      const scale = await sharedOf(folder, channel, 'scale');
      return (raw + (offset ?? 0)) * (scale ?? 1) * factor;
    },
  };
}

/** Of the channel itself, or of all channels of its kind: `in_voltage0_scale`, `in_voltage_scale`. */
async function sharedOf(folder: string, channel: string, what: 'offset' | 'scale'): Promise<number | null> {
  const own = await readOptional(join(folder, `in_${channel}_${what}`));
  const kind = channel.replace(/\d+.*$/, '');
  return own ?? (kind === channel ? null : readOptional(join(folder, `in_${kind}_${what}`)));
}

/** By kind of channel: what one unit of the file is. Source: Documentation/hwmon/sysfs-interface.rst. */
const HWMON_UNITS: Readonly<Record<string, number>> = {
  temp: 1000,
  humidity: 1000,
  in: 1000,
  curr: 1000,
  power: 1_000_000,
  fan: 1,
};

/** `X_input`; a chip that says `X_fault` (an open or shorted sensor) is not believed. */
export function hwmonReading({ device, at, channel, times, root }: HwmonConfig): Reading {
  const unit = HWMON_UNITS[channel.replace(/\d+$/, '')] ?? 1;
  return {
    find: () => findDevice({ folder: join(root, 'class/hwmon'), device, at }),
    read: async (folder) => {
      const fault = await readOptional(join(folder, `${channel}_fault`));
      if (fault === 1) throw new WatchpostError('WP2363', { detail: `${folder}: ${channel}_fault` });
      return ((await readNumber(join(folder, `${channel}_input`))) / unit) * times;
    },
  };
}

/** What one unit of the file is. Source: Documentation/ABI/testing/sysfs-class-power. */
const POWER_UNITS: Readonly<Record<PowerConfig['property'], number>> = {
  capacity: 1,
  online: 1,
  voltage_now: 1_000_000,
  current_now: 1_000_000,
  temp: 10,
};

export function powerReading({ supply, property, times, root }: PowerConfig): Reading {
  return {
    find: async () => join(root, 'class/power_supply', supply),
    read: async (folder) => ((await readNumber(join(folder, property))) / POWER_UNITS[property]) * times,
  };
}
