import type { ErrorEntry } from './entry.ts';

/** 3700–3749: bundles and roll-outs at the site · 4600–4669: fleet on the command line and on devices (docs/fleet.md). */
export const FLEET_ERRORS = {
  WP3701: {
    message: 'The broker cannot read who may sign bundles here.',
    hint: 'broker/bundle-root.json is a copy of the site’s authority/bundle-root.json: copy it anew.',
    retryable: false,
  },
  WP3702: {
    message: 'The site has no such bundle.',
    hint: 'Upload it (scripts/watchpost fleet upload FILE --site DIR); a site that was restored has no bundles.',
    retryable: false,
  },
  WP3703: {
    message: 'The site’s disk has no room for the bundle.',
    hint: 'Remove bundles that nobody needs (fleet bundles, fleet remove), or give the site more disk.',
    retryable: true,
  },
  WP3704: {
    message: 'What was uploaded is not what was announced.',
    hint: 'Upload it again; its length and SHA-256 are those of the file.',
    retryable: false,
  },
  WP3705: {
    message: 'Too many uploads have been begun.',
    hint: 'Finish one of them; what nobody goes on with is forgotten after a day.',
    retryable: true,
  },
  WP3706: {
    message: 'The device does not come further with the bundle.',
    hint: 'Its link loses what it is sent, or its card is too slow: look at it with doctor.',
    retryable: true,
  },
  WP3707: {
    message: 'A roll-out needs this bundle.',
    hint: 'Abort the roll-out first (fleet rollout abort).',
    retryable: false,
  },
  WP3708: {
    message: 'These bundles and stages make no roll-out.',
    hint: 'Name one bundle for each device, and canaries among those devices.',
    retryable: false,
  },
  WP3709: {
    message: 'The device gave no answer that says what it has.',
    hint: 'It is asked again; an agent of before fleet does not know what it was asked.',
    retryable: true,
  },
  WP3710: {
    message: 'The device could not be given its bundle.',
    hint: 'The log of the site says why; go on with fleet rollout resume --retry.',
    retryable: false,
  },
  WP3711: {
    message: 'There is no such roll-out.',
    hint: 'scripts/watchpost fleet rollout list shows all of them.',
    retryable: false,
  },
  WP3712: {
    message: 'A device is in another roll-out that has not ended.',
    hint: 'Wait for it, or abort it (fleet rollout abort): a device is given one bundle at a time.',
    retryable: true,
  },
  WP3713: {
    message: 'The roll-out is not in a state for that.',
    hint: 'What runs can be paused, what is paused or halted resumed, what has not ended aborted.',
    retryable: false,
  },
  WP3714: {
    message: 'The device was left alone for now.',
    hint: 'It is given its bundle when its call for help is over and the roll-out goes on.',
    retryable: true,
  },
  WP3715: {
    message: 'The device went back to an older bundle after it had confirmed this one.',
    hint: 'Somebody rolled it back, or its slot was damaged: look at it before it is tried again.',
    retryable: false,
  },
  WP3716: {
    message: 'The device did not say in time what became of its trial.',
    hint: 'It is away, or tries it still: look at it. What it says late holds; then fleet rollout resume, or abort.',
    retryable: false,
  },
  WP4601: {
    message: 'The roll-out did not come to its end.',
    hint: 'fleet rollout show ID says who failed and why; then fleet rollout resume or abort.',
    retryable: false,
  },
  WP4602: {
    message: 'It is not said which site is meant.',
    hint: 'Give --site DIR (made by site init), or --data DIR (the broker’s data folder).',
    retryable: false,
  },
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
