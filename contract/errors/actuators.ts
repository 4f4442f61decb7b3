import type { ErrorEntry } from './entry.ts';

/** 2120–2129 commands · 2390–2399 drivers · 4030–4039 profiles: what is turned, and how parts share pins. */
export const ACTUATOR_ERRORS = {
  WP2120: {
    message: 'The actuator does not have this position.',
    hint: 'Name one of the positions that the profile gives it.',
    retryable: false,
  },
  WP2390: {
    message: 'The actuator is not ready.',
    hint: 'It turns once it was found after the start: see its health, then order it again.',
    retryable: true,
  },
  WP4030: {
    message: 'The rest of an actuator is none of its positions.',
    hint: 'Name one of the positions that stand beside it.',
    retryable: false,
  },
  WP4032: {
    message: 'A serial line of the profile has two users.',
    hint: 'Name for each the line that it is on: a serial line carries one device.',
    retryable: false,
  },
  WP4033: {
    message: 'A part measures the distance from a place that has no coordinates.',
    hint: 'Give place its latitude and longitude, in the site file where devices differ.',
    retryable: false,
  },
  WP4031: {
    message: 'A lamp needs the timer that a servo on the same board takes.',
    hint: 'Move the lamp to another pin: with a servo, 9 and 10 of an Uno and 44 to 46 of a Mega cannot be dimmed.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
