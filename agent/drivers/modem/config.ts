import * as z from 'zod';

/** `with:` of a sensor of the cellular link: asked of ModemManager, or by AT commands on a serial line. */
export const ModemConfig = z.discriminatedUnion('ask', [
  z.strictObject({
    driver: z.literal('modem'),
    ask: z.literal('modem-manager'),
    /** Its IMEI, where the device has several. */
    imei: z
      .string()
      .regex(/^\d{14,16}$/)
      .optional(),
    /** Signal in %, or whether it is registered with a network (1 or 0). */
    measure: z.enum(['quality', 'registered']),
  }),
  z.strictObject({
    driver: z.literal('modem'),
    ask: z.literal('at'),
    serial: z.string().startsWith('/').max(200),
    baudRate: z.int().min(1200).max(921_600).default(115_200),
    /** Received power in dBm: of all (AT+CSQ), or of the LTE reference signal (AT+CESQ). */
    measure: z.enum(['rssi', 'rsrp']),
  }),
]);
export type ModemConfig = z.infer<typeof ModemConfig>;
export type ManagerConfig = Extract<ModemConfig, { ask: 'modem-manager' }>;
export type AtConfig = Extract<ModemConfig, { ask: 'at' }>;
