import type { ErrorEntry } from './entry.ts';

/** 2111–2119 bypasses · 2360–2389 drivers of sensors and inputs */
export const INPUT_ERRORS = {
  WP2111: {
    message: 'The input is bypassed: its alarms are not raised.',
    hint: 'It ends by itself at the time told, or with the command bypass and forS 0.',
    retryable: false,
  },
  WP2112: {
    message: 'The contact that releases a door cannot be bypassed.',
    hint: 'It raises no alarm that could be left out; take it out of the profile while it is broken.',
    retryable: false,
  },
  WP2113: {
    message: 'What the device remembered of its bypasses cannot be read.',
    hint: 'Nothing is bypassed any more: bypass again what has to be.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
