import type { ErrorEntry } from './entry.ts';

/** 2320–2339 and 4010–4014: boards that speak Firmata (docs/boards.md). */
export const BOARD_ERRORS = {
  WP2320: {
    message: 'The board is not there.',
    hint: 'Plug it in, and compare the port in the profile with ls -l /dev/serial/by-id; it is looked for again every few seconds.',
    retryable: true,
  },
  WP2321: {
    message: 'The serial line of the board cannot be opened.',
    hint: 'Let the agent use it (group dialout), and end what else holds it; it is tried again every few seconds.',
    retryable: true,
  },
  WP2322: {
    message: 'What is on the serial line does not answer as Firmata.',
    hint: 'Flash StandardFirmata on the board (docs/boards.md), and compare port and baud rate in the profile.',
    retryable: true,
  },
  WP2323: {
    message: 'The board was lost.',
    hint: 'Check its cable and its supply; it is looked for again every few seconds.',
    retryable: true,
  },
  WP2324: {
    message: 'What boards need is not installed.',
    hint: 'Run scripts/setup again without --omit=optional: johnny-five and serialport are missing.',
    retryable: false,
  },
  WP2325: {
    message: 'The board cannot use a pin in this way.',
    hint: 'Take another pin: docs/boards.md says which can do what.',
    retryable: false,
  },
  WP2326: {
    message: 'The board does not answer any more.',
    hint: 'It is opened anew, which resets most boards; when this comes again, check its supply and its firmware.',
    retryable: true,
  },
  WP2327: {
    message: 'An analog pin gave no reading.',
    hint: 'See the health of its board; the next reading is tried as usual.',
    retryable: true,
  },
  WP4010: {
    message: 'A part of the profile is on a board that the profile does not have.',
    hint: 'Add it to boards, or write the name of one that is there.',
    retryable: false,
  },
  WP4011: {
    message: 'A pin of a board is used twice.',
    hint: 'Give each part a pin of its own.',
    retryable: false,
  },
  WP4012: {
    message: 'A pin of a board cannot be used in this way.',
    hint: 'Analog readings need a pin of the name A0 to A15.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
