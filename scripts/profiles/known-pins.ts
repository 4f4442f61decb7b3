import type { BoardModel } from '#agent/drivers/firmata/config.ts';

/** The pins of a board as StandardFirmata numbers them: what stands for A0 and on is a number too. */
export interface BoardPins {
  /** The highest number of a pin that can be read and driven as 0 and 1. */
  readonly lastDigital: number;
  /** The number of A0. */
  readonly firstAnalog: number;
  readonly analog: number;
  /** Of these channels there is a reading only, and nothing else (A6 and A7 of a Nano). */
  readonly analogOnly: readonly number[];
  readonly pwm: readonly number[];
}

const UNO_PWM = [3, 5, 6, 9, 10, 11];

/** From pins_arduino.h of the Arduino AVR core: variants standard, eightanaloginputs, mega. */
export const BOARD_PINS: Readonly<Record<BoardModel, BoardPins>> = {
  uno: { lastDigital: 19, firstAnalog: 14, analog: 6, analogOnly: [], pwm: UNO_PWM },
  nano: { lastDigital: 19, firstAnalog: 14, analog: 8, analogOnly: [6, 7], pwm: UNO_PWM },
  mega: {
    lastDigital: 69,
    firstAnalog: 54,
    analog: 16,
    analogOnly: [],
    pwm: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 44, 45, 46],
  },
};

/** Chips whose lines are known, by label: how many, and whether the device tree names them GPIO2 to GPIO27. */
export const GPIO_CHIPS: Readonly<Record<string, { readonly lines: number; readonly of: string }>> = {
  // drivers/pinctrl/bcm/pinctrl-bcm2835.c: BCM2835_NUM_GPIOS, BCM2711_NUM_GPIOS; drivers/pinctrl/pinctrl-rp1.c: RP1_NUM_GPIOS.
  'pinctrl-bcm2835': { lines: 54, of: 'Raspberry Pi Zero to 3' },
  'pinctrl-bcm2711': { lines: 58, of: 'Raspberry Pi 4, CM4' },
  'pinctrl-rp1': { lines: 54, of: 'Raspberry Pi 5, CM5' },
};

/** `GPIO17` → 17: what the device trees of these computers call the lines of the header. */
export function headerLine(name: string): number | null {
  const number = Number(/^GPIO(\d{1,2})$/.exec(name)?.[1] ?? Number.NaN);
  return number >= 2 && number <= 27 ? number : null;
}
