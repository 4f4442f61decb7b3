import * as z from 'zod';

/** Where the kernel's files are; another folder in a container that has them elsewhere. */
const root = z.string().startsWith('/').default('/sys');
/** What the driver of the chip calls itself (its file `name`): `sht3x`, `bme280`, `w1_slave_temp`. */
const device = z.string().min(1).max(64);
/** Tells chips of one name apart: a folder of their path, such as `1-0044` (I²C bus 1, address 0x44). */
const at = z.string().min(1).max(64).optional();
/** Of a voltage divider or a shunt: what is read is multiplied by it. */
const times = z.number().default(1);

/** `with:` of a sensor of the kernel's industrial I/O: `temp`, `humidityrelative`, `pressure`, `voltage0`. */
export const IioConfig = z.strictObject({
  driver: z.literal('iio'),
  device,
  channel: z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/),
  at,
  times,
  root,
});
export type IioConfig = z.infer<typeof IioConfig>;

/** `with:` of a sensor of the kernel's hardware monitoring: `temp1`, `humidity1`, `in0`, `curr1`, `fan1`, `power1`. */
export const HwmonConfig = z.strictObject({
  driver: z.literal('hwmon'),
  device,
  channel: z.string().regex(/^(temp|humidity|in|curr|fan|power)\d{1,3}$/),
  at,
  times,
  root,
});
export type HwmonConfig = z.infer<typeof HwmonConfig>;

/** `with:` of a battery, charger or UPS; `supply` is its folder in /sys/class/power_supply, such as `BAT0`. */
export const PowerConfig = z.strictObject({
  driver: z.literal('power'),
  supply: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/),
  property: z.enum(['capacity', 'online', 'voltage_now', 'current_now', 'temp']),
  times,
  root,
});
export type PowerConfig = z.infer<typeof PowerConfig>;
