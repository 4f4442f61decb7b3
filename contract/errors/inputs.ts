import type { ErrorEntry } from './entry.ts';

/** 2111–2119 bypasses · 2360–2389 drivers of sensors and inputs */
export const INPUT_ERRORS = {
  WP2111: {
    message: 'The input is bypassed: its alarms are not raised.',
    hint: 'It ends by itself at the time told, or with the command bypass and forS 0.',
    retryable: false,
  },
  WP2112: {
    message: 'The input cannot be bypassed.',
    hint: 'A visitor’s button raises no alarm that could be left out; take it out of the profile while it is broken.',
    retryable: false,
  },
  WP2113: {
    message: 'What the device remembered of its bypasses cannot be read.',
    hint: 'Nothing is bypassed any more: bypass again what has to be.',
    retryable: false,
  },
  WP2360: {
    message: 'The kernel has no device of this name.',
    hint: 'Write one of the names that are there; the chip needs its kernel driver (modprobe, device tree) to be seen.',
    retryable: true,
  },
  WP2361: {
    message: 'The kernel has several devices of this name.',
    hint: 'Add at: a folder of its path that tells it apart, such as 1-0044 for bus 1, address 0x44.',
    retryable: false,
  },
  WP2362: {
    message: 'The device does not have what is to be read of it.',
    hint: 'List its folder: a channel is a file such as in_temp_input or temp1_input without in_ and _input.',
    retryable: true,
  },
  WP2363: {
    message: 'The kernel gives no number.',
    hint: 'Check the wiring of the chip; dmesg may say more. The device goes on trying.',
    retryable: true,
  },
  WP2364: {
    message: 'The kernel has not finished an earlier reading.',
    hint: 'The bus of the chip hangs: check its wiring, then restart the device.',
    retryable: true,
  },
  WP2365: {
    message: 'The program of the sensor cannot be started.',
    hint: 'Check that the path is right and that the agent’s user may run it.',
    retryable: true,
  },
  WP2366: {
    message: 'The program of the sensor failed.',
    hint: 'Run it by hand as the agent’s user; what it said stands beside this.',
    retryable: true,
  },
  WP2367: {
    message: 'The program of the sensor took too long and was killed.',
    hint: 'Make it faster, or raise timeoutS (9 at most).',
    retryable: true,
  },
  WP2368: {
    message: 'The program of the sensor wrote too much and was killed.',
    hint: 'It is to write one number and nothing else on its standard output.',
    retryable: true,
  },
  WP2369: {
    message: 'The program of the sensor wrote something else than one number.',
    hint: 'It is to write one number and nothing else, such as 21.5, on its standard output.',
    retryable: true,
  },
  WP2370: {
    message: 'The satellite receiver does not answer.',
    hint: 'Check that gpsd runs, or the path and rights of the serial line; the device goes on trying.',
    retryable: true,
  },
  WP2371: {
    message: 'Serial lines cannot be used here.',
    hint: 'The package serialport is missing: install with optional packages, or use gpsd.',
    retryable: false,
  },
  WP2372: {
    message: 'The satellite receiver has no position to be believed.',
    hint: 'Check its antenna and its view of the sky; it may also be jammed, or its antenna cut.',
    retryable: true,
  },
  WP2373: {
    message: 'The place of the profile has no coordinates.',
    hint: 'Give place latitude and longitude in the site file: the receiver measures the distance from there.',
    retryable: false,
  },
  WP2374: {
    message: 'The satellite receiver does not say this.',
    hint: 'Another measure may be there: satellites, hdop or distance.',
    retryable: false,
  },
  WP2375: {
    message: 'ModemManager does not answer.',
    hint: 'It must run (systemctl status ModemManager), with busctl of systemd beside it.',
    retryable: true,
  },
  WP2376: {
    message: 'ModemManager does not have the modem, or has several.',
    hint: 'Name one of those that are there with imei; a modem that starts anew is away for a minute.',
    retryable: true,
  },
  WP2377: {
    message: 'The serial line of the modem cannot be opened.',
    hint: 'Check its path and rights, and that ModemManager leaves it alone (ask modem-manager where it does not).',
    retryable: true,
  },
  WP2378: {
    message: 'The modem does not answer the AT command.',
    hint: 'Choose the line of the modem that takes AT commands, with its baudRate; it may also have no such command.',
    retryable: true,
  },
  WP2379: {
    message: 'The modem does not know how good its signal is.',
    hint: 'It has no network: check the antenna and the SIM.',
    retryable: true,
  },
  WP2380: {
    message: 'The supervised line is cut.',
    hint: 'Nobody can press what hangs on it: follow the line from the device to its resistor.',
    retryable: true,
  },
  WP2381: {
    message: 'The supervised line is shorted.',
    hint: 'Nobody can press what hangs on it: look for water, crushed cable, or somebody who did it on purpose.',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;
