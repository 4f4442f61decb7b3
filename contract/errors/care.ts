import type { ErrorEntry } from './entry.ts';

/** What goes wrong in looking after a site: backup, restore, check, compact. */
export const CARE_ERRORS = {
  // 36xx care of the site
  WP3600: {
    message: 'The backup is damaged.',
    hint: 'Use another one. What was restored before stays as it was.',
    retryable: false,
  },
  WP3601: {
    message: 'This is no backup of a site.',
    hint: 'Name a folder or .tar file that `watchpost broker backup` has made.',
    retryable: false,
  },
  WP3602: {
    message: 'The backup cannot be written there.',
    hint: 'Name a folder that you may write to, or a .tar file that is not there yet, outside of the data folder.',
    retryable: false,
  },
  WP3603: {
    message: 'There is a site in the data folder already.',
    hint: 'Name an empty folder, or add --replace: what is there is set aside in its folder replaced-….',
    retryable: false,
  },
  WP3604: {
    message: 'Something is wrong with the site’s data.',
    hint: 'Each finding above says what to do.',
    retryable: false,
  },
  WP3605: {
    message: 'A restore of this data folder did not come to its end.',
    hint: 'Run `watchpost broker restore` again, with --replace.',
    retryable: false,
  },
  WP3606: {
    message: 'The backup is whole, but the site could not note it in its audit chain.',
    hint: 'The backup can be used. See that the broker answers, and look at its log.',
    retryable: true,
  },
  WP3607: {
    message: 'The broker of this data folder does not answer.',
    hint: 'Start it: scripts/watchpost broker --data DIR …. Where it runs, it may just be starting or stopping: try again in a moment, then look at its log.',
    retryable: true,
  },
  WP3608: {
    message: 'There is too little room on the disk.',
    hint: 'Make room, or use another disk.',
    retryable: true,
  },
  WP3609: {
    message: 'This database cannot give room back while the broker runs.',
    hint: 'It was made by an earlier version. Stop the broker once and run this again; from then on it can.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
