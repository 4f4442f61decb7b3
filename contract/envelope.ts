import * as z from 'zod';
import { CLOCK_QUALITIES } from './clock.ts';
import { LANES } from './topics.ts';

/** Largest envelope in bytes of UTF-8 JSON; larger content travels as a blob. */
export const MAX_ENVELOPE_BYTES = 64 * 1024;

/** Largest `wpseq`: CloudEvents' Integer is a signed 32-bit number (CloudEvents 1.0.2, Type System). */
export const MAX_SEQUENCE = 2 ** 31 - 1;

export const EVENT_TYPE_PATTERN = /^wp\.[a-z0-9]+(\.[a-z0-9-]+)+\.v[1-9][0-9]*$/;
const UTC_MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * One CloudEvents 1.0 event in the JSON format, with Watchpost's extensions (DESIGN, The wire).
 * Unknown fields are tolerated and kept. `wpseq` is absent only when `wpstored` is false.
 */
export const Envelope = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.uuidv7(),
    source: z.string().regex(/^\/wp\/[a-z0-9-]{1,32}\/[a-z0-9-]{1,32}$/),
    type: z.string().max(128).regex(EVENT_TYPE_PATTERN),
    /** RFC 3339, UTC, milliseconds; what the device believed, see `wpclock`. */
    time: z.string().regex(UTC_MILLISECONDS),
    datacontenttype: z.literal('application/json').optional(),
    data: z.record(z.string(), z.unknown()),
    /** The journal this event was written to; a new one begins after a clone, a restore or a loss. */
    wpepoch: z.string().min(1).max(64),
    /** Counts up by one within epoch and lane, from 1. */
    wpseq: z.int().min(1).max(MAX_SEQUENCE).optional(),
    wplane: z.enum(LANES),
    wpclock: z.enum(CLOCK_QUALITIES),
    /** Milliseconds since the device booted, as a decimal string. */
    wpmono: z.string().regex(/^\d{1,15}(\.\d{1,6})?$/),
    /** Which boot `wpmono` counts from. */
    wpboot: z.string().min(1).max(64),
    /** False on an alarm that the device could not store. */
    wpstored: z.boolean().optional(),
    /** Set by the site on what a device in test mode sends. */
    wptest: z.boolean().optional(),
  })
  .refine((event) => event.wpstored === false || event.wpseq !== undefined, {
    path: ['wpseq'],
    error: 'a stored event has a wpseq; one that could not be stored says wpstored: false',
  });

export type Envelope = z.infer<typeof Envelope>;
