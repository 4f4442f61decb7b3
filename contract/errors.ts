/** What is known about a code. `message` is for an operator, `hint` says what would be right. */
export interface ErrorEntry {
  readonly message: string;
  readonly hint: string;
  /** Trying the same again later may succeed. */
  readonly retryable: boolean;
}

/**
 * Every code of Watchpost. Never reused, never renumbered.
 * 10xx wire · 20xx journal · 21xx commands · 22xx link · 23xx drivers · 24xx vision · 25xx voice ·
 * 26xx supervision of processes · 30xx broker store · 31xx broker server · 32xx incidents · 33xx identity ·
 * 34xx HTTP · 35xx notifiers · 40xx profiles · 50xx command line and set-up
 */
export const ERRORS = {
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
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

export interface ErrorDetails {
  /** What exactly and where: a file and line, a path in a document, a topic, a name. */
  readonly detail?: string;
  /** Replaces the catalogue's hint where more is known. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error class of Watchpost. `message` reads `WP1002 The payload is not JSON. (detail)`. */
export class WatchpostError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: ErrorCode, { detail, hint, cause }: ErrorDetails = {}) {
    const entry: ErrorEntry = ERRORS[code];
    super(`${code} ${entry.message}${detail === undefined ? '' : ` (${detail})`}`, { cause });
    this.name = 'WatchpostError';
    this.code = code;
    this.detail = detail;
    this.hint = hint ?? entry.hint;
    this.retryable = entry.retryable;
  }
}
