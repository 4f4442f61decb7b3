import type { ErrorEntry } from './entry.ts';

/** The two slots of a device: see docs/slots.md. */
export const SLOT_ERRORS = {
  WP4201: {
    message: 'The slots of the device cannot be read.',
    hint: 'Both notes of what runs are damaged or absent: flash the device again; look at the card with doctor.',
    retryable: false,
  },
  WP4202: {
    message: 'The device has slots already.',
    hint: 'Install into them; they are made once, and making them anew would forget what is confirmed.',
    retryable: false,
  },
  WP4203: {
    message: 'A bundle is on trial.',
    hint: 'Wait until it is confirmed or rejected, at most two minutes; then install again.',
    retryable: true,
  },
  WP4204: {
    message: 'What is in a slot is not what was installed.',
    hint: 'The card is worn or was changed: install the bundle again, and replace the card if it happens again.',
    retryable: false,
  },
  WP4205: {
    message: 'A bundle was started again and again and never confirmed.',
    hint: 'The device went back to the last confirmed one; its log says what ended the trial.',
    retryable: false,
  },
  WP4206: {
    message: 'There is nothing to fall back to.',
    hint: 'The other slot was never confirmed here, or is damaged: install a bundle.',
    retryable: false,
  },
  WP4207: {
    message: 'The card does not hold what was written to it.',
    hint: 'Try again; if it happens again, replace the card. The device goes on with what it had.',
    retryable: true,
  },
  WP4208: {
    message: 'No bundle is on trial, or it is not ready for one.',
    hint: 'Install a bundle first; one that was rejected has to be installed again.',
    retryable: false,
  },
  WP4209: {
    message: 'A trial was put off: the start could not be counted.',
    hint: 'The card takes no writing. The device runs what is confirmed, and tries again at its next start.',
    retryable: true,
  },
  WP4210: {
    message: 'Somebody else is writing to the slots.',
    hint: 'The detail says who and since when: wait until that is done, or ask them.',
    retryable: true,
  },
  WP4211: {
    message: 'This is no folder of a device.',
    hint: 'A device’s folder has device.json and slots/; scripts/watchpost provision DEVICE --to DIR makes one.',
    retryable: false,
  },
  WP4212: {
    message: 'The slots cannot be locked.',
    hint: 'It takes flock, of the package util-linux, and a file system that can be written; without a lock nothing is installed.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
