import type { ErrorEntry } from './entry.ts';

/** 3700–3749: bundles and roll-outs at the site · 4600–4669: fleet on the command line and on devices (docs/fleet.md). */
export const FLEET_ERRORS = {
  WP4650: {
    message: 'This device takes no bundles over the network.',
    hint: 'It runs from a profile of its own (agent --profile): give it a card with provision, and start it with --card.',
    retryable: false,
  },
  WP4651: {
    message: 'The device has no room for the bundle.',
    hint: 'Room for it twice is needed, besides what is kept for alarms; look at the card with doctor.',
    retryable: true,
  },
  WP4652: {
    message: 'What arrived on the device is not the bundle that was announced.',
    hint: 'It was thrown away and is fetched anew; if it happens again, look at the card with doctor.',
    retryable: true,
  },
  WP4653: {
    message: 'The device could not keep what it was sent.',
    hint: 'Its card takes no writing, or is worn: look at it with doctor. What the device runs is untouched.',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;
