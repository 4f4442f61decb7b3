import * as z from 'zod';

/** Where the receiver is: behind gpsd, or on a serial line that speaks NMEA 0183. */
const receiver = {
  driver: z.literal('gnss'),
  gpsd: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,100}:\d{1,5}$/)
    .optional(),
  serial: z.string().startsWith('/').max(200).optional(),
  baudRate: z.int().min(1200).max(921_600).default(9600),
};
const isOne = ({ gpsd, serial }: { gpsd?: string | undefined; serial?: string | undefined }) =>
  (gpsd === undefined) !== (serial === undefined);
const ONE = 'either gpsd: HOST:PORT or serial: PATH';

/** `with:` of an input of kind tamper: active while the device is away from the place of its profile. */
export const GnssInputConfig = z
  .strictObject({
    ...receiver,
    /** Default: twice the error (25 m) of a receiver that ranges to 5 m at the worst dilution that is believed. */
    radiusM: z.number().min(10).max(100_000).default(50),
    /** Every fix in this time must say the same. */
    holdS: z.number().min(1).max(3600).default(60),
    /** A fix with a larger horizontal dilution is not believed. */
    maxHdop: z.number().min(0.5).max(20).default(5),
    /** Without a fix to be believed for this long, the input cannot be read. */
    silentS: z.number().min(10).max(86_400).default(300),
  })
  .refine(isOne, ONE);
export type GnssInputConfig = z.infer<typeof GnssInputConfig>;

/** `with:` of a sensor: satellites used, horizontal dilution, or metres from the place of the profile. */
export const GnssSensorConfig = z
  .strictObject({ ...receiver, measure: z.enum(['satellites', 'hdop', 'distance']) })
  .refine(isOne, ONE);
export type GnssSensorConfig = z.infer<typeof GnssSensorConfig>;
export type ReceiverChoice = Pick<GnssInputConfig, 'gpsd' | 'serial' | 'baudRate'>;
