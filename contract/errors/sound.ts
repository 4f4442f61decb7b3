import type { ErrorEntry } from './entry.ts';

/** How loud a device is, and whether it can be heard: see docs/sound.md. */
export const SOUND_ERRORS = {
  WP2513: {
    message: 'Two entries of the volume claim the same time of day.',
    hint: 'Let each end before the next begins; one that goes past midnight meets those of the early morning.',
    retryable: false,
  },
  WP2514: {
    message: 'The time zone of the volume is not known.',
    hint: 'Write a name of the IANA database, such as Asia/Shanghai or Europe/Berlin.',
    retryable: false,
  },
  WP2515: {
    message: 'An entry of the volume ends when it begins.',
    hint: 'Write the time at which it ends; a whole day takes two entries.',
    retryable: false,
  },
  WP2516: {
    message: 'The device did not hear itself as it should.',
    hint: 'Check amplifier, loudspeaker and microphone; see docs/sound.md for what each cause means.',
    retryable: true,
  },
  WP2517: {
    message: 'The microphone cannot be listened to.',
    hint: 'Check voice.selfTest.microphone in the profile, and that it is plugged in.',
    retryable: true,
  },
  WP2518: {
    message: 'The sound cannot be tested now: the voice is needed.',
    hint: 'Try again when nothing is being said.',
    retryable: true,
  },
  WP2519: {
    message: 'The device has no microphone to test its sound with.',
    hint: 'Name one under voice.selfTest in the profile or the site file.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
