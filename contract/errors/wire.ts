import type { ErrorEntry } from './entry.ts';

/** What is wrong with a message. */
export const WIRE_ERRORS = {
  // 10xx wire
  WP1001: {
    message: 'The topic is not one of the wire’s.',
    hint: 'Devices publish under wp/1/{site}/{device}/up/ only.',
    retryable: false,
  },
  WP1002: { message: 'The payload is not JSON.', hint: 'Send one JSON object in UTF-8.', retryable: false },
  WP1003: {
    message: 'The message does not fit its schema.',
    hint: 'See contract/generated/schemas for the shape of each message.',
    retryable: false,
  },
  WP1004: {
    message: 'The message is larger than allowed.',
    hint: 'An envelope has at most 64 KiB; send pictures and sound as blobs.',
    retryable: false,
  },
  WP1005: {
    message: 'The source of the event is not the device that sent it.',
    hint: 'source, topic and client id must name the same site and device.',
    retryable: false,
  },
  WP1006: {
    message: 'The event does not belong to the lane it came by.',
    hint: 'wplane, the topic and the lane of the event type must agree.',
    retryable: false,
  },
  WP1007: {
    message: 'The sequence number is taken by another event.',
    hint: 'The journal was cloned or restored; the device starts a new epoch.',
    retryable: false,
  },
  WP1008: {
    message: 'The data of the event do not fit its type.',
    hint: 'See contract/generated/schemas for the data of each type.',
    retryable: false,
  },
  WP1009: {
    message: 'The piece of a blob does not fit what was announced.',
    hint: 'A piece has 1 to 65536 bytes; size, pieces and SHA-256 must agree with the event.',
    retryable: false,
  },
  WP1010: {
    message: 'The message was sent under another’s name.',
    hint: 'A client publishes only under the site and device of its own client id.',
    retryable: false,
  },
  WP1011: {
    message: 'The client may not publish on this topic.',
    hint: 'A device publishes under its own up/ only and retains only up/state.',
    retryable: false,
  },
  WP1012: {
    message: 'The client may not subscribe to this filter.',
    hint: 'A device subscribes under its own down/ only.',
    retryable: false,
  },
  WP1013: {
    message: 'The message fits, and yet it could not be taken in.',
    hint: 'It is in quarantine; this is a fault of the program, please report it with the log.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
