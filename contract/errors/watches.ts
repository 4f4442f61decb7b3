import type { ErrorEntry } from './entry.ts';

/** What a camera looks for beside things left behind: see docs/watches.md. */
export const WATCH_ERRORS = {
  WP2440: {
    message: 'The area of a watch is not one that can be drawn.',
    hint: 'Name at least three corners, once around the area, in order; see docs/watches.md.',
    retryable: false,
  },
  WP2441: {
    message: 'The line of a door cannot be crossed.',
    hint: 'Name the two ends of its threshold; who comes in crosses from the left, seen from the first to the second.',
    retryable: false,
  },
  WP2442: {
    message: 'The levels of a watch contradict each other.',
    hint: 'Clear levels are at or below the number of people; people are taller the nearer they are.',
    retryable: false,
  },
  WP2443: {
    message: 'The input that releases a door is none.',
    hint: 'Name an input of kind door, or leave it out: then the first who comes in opens a release.',
    retryable: false,
  },
  WP2444: {
    message: 'What was told of a camera cannot be remembered over a restart.',
    hint: 'Make room on the disk, or check the card; ends of what was open before the restart may not be told.',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;
