import type { ErrorEntry } from './entry.ts';

/** The two slots of a device: see docs/slots.md. */
export const SLOT_ERRORS = {
  WP4201: {
    message: 'The slots of the device cannot be read.',
    hint: 'Both notes of what runs are damaged or absent. Look at the card with doctor; then make it again with scripts/watchpost provision DEVICE --replace, and flash it.',
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
  WP4213: {
    message: 'There is nothing to run from.',
    hint: 'No bundle was installed on this device yet, or what was is damaged: scripts/watchpost flash BUNDLE --to its folder.',
    retryable: false,
  },
  WP4214: {
    message: 'A bundle did not pass its trial in time.',
    hint: 'The device went back to the one before; the parts that were not ready are named in the detail and in its log.',
    retryable: false,
  },
  WP4215: {
    message: 'An input is not ready, or is held down.',
    hint: 'Look whether a button is stuck, and whether the profile names the line that it is wired to.',
    retryable: false,
  },
  WP4216: {
    message: 'A lamp, siren, speaker or board did not start.',
    hint: 'The detail names it: look at its wiring and at its driver in the profile.',
    retryable: false,
  },
  WP4217: {
    message: 'The device cannot keep an alarm on its disk.',
    hint: 'Look at the card: full, worn or read-only (scripts/watchpost doctor).',
    retryable: false,
  },
  WP4218: {
    message: 'No link to the site during the trial.',
    hint: 'Look at the network and at the brokers of device.json. Where there is none on purpose the profile says why: link.offline.',
    retryable: false,
  },
  WP4219: {
    message: 'The installer ended without a result.',
    hint: 'Nothing was changed that runs; the log of the agent says how it ended. Try again.',
    retryable: true,
  },
  WP4220: {
    message: 'This device has no slots.',
    hint: 'It runs from a prepared folder; a device whose bundles can be changed is started with --card.',
    retryable: false,
  },
  WP4221: {
    message: 'The bundle that is to be installed is not here.',
    hint: 'Send it first (fetch-bundle), whole and with this very hash.',
    retryable: true,
  },
  WP4222: {
    message: 'The slot cannot be written.',
    hint: 'The detail says what the card answered: make room, replace a worn card. The device goes on with what it had.',
    retryable: true,
  },
  WP4223: {
    message: 'A name in the slots of the device is a link.',
    hint: 'Slots hold plain files and folders alone: nobody writes through a link that a card brings. If it is your card, remove the link that the detail names; if not, do not flash it.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
