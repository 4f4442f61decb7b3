import type { ErrorEntry } from './entry.ts';

/** 7100–7109: what a dispatcher says through a device (docs/sound.md). */
export const TALK_ERRORS = {
  WP7100: {
    message: 'This is no spoken message that devices play.',
    hint: 'Send a WAV file, 16-bit PCM, one channel, 16000 samples a second, 0.3 to 20 seconds, as audio/wav.',
    retryable: false,
  },
  WP7101: {
    message: 'Somebody is speaking through this device already.',
    hint: 'Wait until that is over.',
    retryable: true,
  },
  WP7102: {
    message: 'The spoken message did not arrive whole on the device.',
    hint: 'Speak again; if it happens often, look at the device’s link.',
    retryable: true,
  },
  WP7103: {
    message: 'The device did not take the spoken message in time; it will not be played.',
    hint: 'The link is slow or has gone: speak more briefly, or use a prompt of the device (command speak).',
    retryable: true,
  },
  WP7104: {
    message: 'The spoken message was cut short.',
    hint: 'Speak again.',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;
