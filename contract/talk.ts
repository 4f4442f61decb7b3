/** What a dispatcher says through a device: WAV, 16-bit PCM, one channel, at this many samples a second. */
export const TALK_SAMPLE_RATE = 16_000;

/** Seconds. */
export const TALK_LENGTH = { least: 0.3, most: 20 } as const;

const BYTES_PER_SAMPLE = 2;

/** Most bytes of samples. */
export const TALK_MAX_BYTES: number = TALK_SAMPLE_RATE * TALK_LENGTH.most * BYTES_PER_SAMPLE;

/**
 * Goes in `down/blob` pieces of this size, one at a time: a receipt or an order waits for one piece at most, which a link
 * of 256 kbit/s carries in half a second.
 */
export const TALK_PIECE_BYTES: number = 16 * 1024;

/** It is spoken within this time or not at all: words for one moment are wrong in another. */
export const TALK_EXPIRES_S = 30;

/** Tells what is to be spoken from other content that the site sends. */
export const TALK_BLOB_PREFIX = 'talk-';
