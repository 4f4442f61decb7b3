import type { ErrorEntry } from './entry.ts';

/** 2460–2464: a robot that comes back to where it was (docs/visits.md). */
export const VISIT_ERRORS = {
  WP2460: {
    message: 'What was remembered of a place cannot be read.',
    hint: 'It is forgotten and learned anew over the next visits; when this comes again, check the card.',
    retryable: false,
  },
  WP2461: {
    message: 'A place could not be remembered.',
    hint: 'Make room on the disk, and let the agent write to its data folder; the visit counts for nothing.',
    retryable: true,
  },
  WP2462: {
    message: 'The view from a waypoint could not be brought into line with earlier visits.',
    hint: 'Check that the robot parks where the waypoint is and looks the same way; after three visits in a row the place is learned anew.',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;
