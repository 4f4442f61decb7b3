import type { ErrorEntry } from './entry.ts';

/** What goes wrong with people, their tokens and their ways in. */
export const ACCESS_ERRORS = {
  // 33xx identity
  WP3355: {
    message: 'The token has expired.',
    hint: 'Ask for a new one (POST /api/v1/tokens, or scripts/watchpost token create).',
    retryable: false,
  },
  WP3356: {
    message: 'This person is named by the site itself.',
    hint: 'Change the site configuration and restart the broker; names of its own cannot be changed.',
    retryable: false,
  },
  WP3357: {
    message: 'There is already a person of this name.',
    hint: 'Choose another name, or change the one that is there.',
    retryable: false,
  },
  WP3358: {
    message: 'There is no such person.',
    hint: 'List them with GET /api/v1/people.',
    retryable: false,
  },
  WP3359: {
    message: 'This password is too easy to guess.',
    hint: 'Take several words in a row; see docs/access.md for what is asked.',
    retryable: false,
  },
  WP3360: {
    message: 'This person has as many tokens as the site allows.',
    hint: 'Revoke one that is not needed any more.',
    retryable: false,
  },
  WP3361: {
    message: 'There is no such token.',
    hint: 'List them with GET /api/v1/tokens.',
    retryable: false,
  },
  WP3362: {
    message: 'Nobody takes their own place away.',
    hint: 'Ask another supervisor, or use the site’s admin token.',
    retryable: false,
  },
  WP3363: {
    message: 'Too many people are signing in at this moment.',
    hint: 'Try again in a few seconds.',
    retryable: true,
  },
  WP3364: {
    message: 'A token may not live so long.',
    hint: 'Ask for fewer days, or raise access.tokenMaxDays in the site configuration.',
    retryable: false,
  },
  WP3365: {
    message: 'What let this connection in does so no more.',
    hint: 'Sign in again.',
    retryable: false,
  },
  WP3366: {
    message: 'The client id is not of the person who has signed in.',
    hint: 'Use user.{name} or user.{name}.{anything}, or leave it empty.',
    retryable: false,
  },
  // 34xx HTTP
  WP3412: {
    message: 'The WebSocket does not offer the subprotocol mqtt.',
    hint: 'Connect with the subprotocol mqtt.',
    retryable: false,
  },
  WP3413: {
    message: 'MQTT came in a frame that is not binary.',
    hint: 'Send packets in binary WebSocket frames (MQTT 3.1.1, section 6).',
    retryable: false,
  },
  WP3414: {
    message: 'This address speaks MQTT over WebSocket only.',
    hint: 'Open a WebSocket here, with the subprotocol mqtt.',
    retryable: false,
  },
  WP3415: {
    message: 'There is no such stream.',
    hint: 'Use the id in the header watchpost-stream of a stream of yours that is open.',
    retryable: false,
  },
  // 50xx command line
  WP5035: {
    message: 'No password was given.',
    hint: 'Type one, or give it as the first line of standard input.',
    retryable: false,
  },
  WP5036: {
    message: 'The two passwords differ.',
    hint: 'Type the same one twice.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
