import * as z from 'zod';

const driver = z.literal('firmata');
const board = z.string().regex(/^[a-z0-9-]{1,32}$/);

/** `A0` and on by their printed names, the others by number; 0 and 1 are the serial line of most boards. */
const Pin = z.union([z.int().min(2).max(69), z.string().regex(/^A(\d|1[0-5])$/)]);
export type Pin = z.infer<typeof Pin>;

/** Boards whose pins are known (`profile lint`). */
export const BOARD_MODELS = ['uno', 'nano', 'mega'] as const;
export type BoardModel = (typeof BOARD_MODELS)[number];

/** `with:` of a board. */
export const FirmataBoardConfig = z.strictObject({
  driver,
  /** A path, or a name of /dev/serial/by-id: that one stays the same when the board is plugged in elsewhere. */
  port: z.string().min(1).max(200),
  /** Of the firmware; StandardFirmata speaks at 57600. */
  baudRate: z.int().min(1200).max(1_000_000).default(57_600),
  /** Which one it is, so that a pin that it does not have is found before somebody stands on the ladder. */
  model: z.enum(BOARD_MODELS).optional(),
});
export type FirmataBoardConfig = z.infer<typeof FirmataBoardConfig>;

/** `with:` of an input. As it stands: a contact between the pin and ground. */
export const FirmataContactConfig = z.strictObject({
  driver,
  board,
  pin: Pin,
  /** The board's own resistor to 5 V (20–50 kΩ on an Uno). */
  pullup: z.boolean().default(true),
  /** Pressed is 0 V. */
  activeLow: z.boolean().default(true),
  /** A level counts once it has held for so long. */
  debounceMs: z.int().min(0).max(1000).default(20),
});
export type FirmataContactConfig = z.infer<typeof FirmataContactConfig>;

/** `with:` of a lamp or a siren: a pin that drives a transistor or a relay. */
export const FirmataOutputConfig = z.strictObject({
  driver,
  board,
  pin: Pin,
  /** Lit or sounding at 0 V. */
  activeLow: z.boolean().default(false),
});
export type FirmataOutputConfig = z.infer<typeof FirmataOutputConfig>;

/** `with:` of an actuator: a hobby servo, its pulse on the pin. */
export const FirmataServoConfig = z.strictObject({
  driver,
  board,
  pin: Pin,
  /**
   * Pulse at 0° in µs. The Servo library takes 544 and 2400 where nothing is said, and keeps what differs from these
   * in a signed byte of 4 µs each (Servo.cpp, attach): hence the bounds.
   */
  minUs: z.int().min(400).max(1050).default(544),
  /** Pulse at 180° in µs. */
  maxUs: z.int().min(1890).max(2600).default(2400),
  /** Let go this long after each turn: it stops humming, and no longer holds what hangs on it. Held without. */
  idleAfterS: z.number().min(0.5).max(3600).optional(),
});
export type FirmataServoConfig = z.infer<typeof FirmataServoConfig>;

/** `with:` of a sensor: a voltage, or a switch that reads 0 or 1. */
export const FirmataSensorConfig = z.strictObject({
  driver,
  board,
  pin: Pin,
  mode: z.enum(['analog', 'digital']),
  /** What is read at 0 V, in the unit of the sensor. */
  low: z.number().default(0),
  /** What is read at the board's reference voltage. */
  high: z.number().default(1),
  /** Of a digital pin: the board's own resistor. */
  pullup: z.boolean().default(false),
});
export type FirmataSensorConfig = z.infer<typeof FirmataSensorConfig>;
