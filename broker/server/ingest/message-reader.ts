import * as z from 'zod';
import { Envelope, MAX_ENVELOPE_BYTES } from '#contract/envelope.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { EVENT_LANES, isEventType } from '#contract/event-types.ts';
import { type DeviceAddress, sourceOf } from '#contract/names.ts';
import { LANES, type Lane } from '#contract/topics.ts';

export interface Fault {
  readonly code: ErrorCode;
  readonly detail: string;
}
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault };

const faulty = (code: ErrorCode, detail: string): { ok: false; fault: Fault } => ({
  ok: false,
  fault: { code, detail },
});

/** Levels of arrays and objects in a message. What is nested some thousand deep can be read but not written again. */
const MAX_LEVELS = 64;

/** Parses and validates a JSON message once, at the edge. */
export function readMessage<T>(schema: z.ZodType<T>, payload: Buffer): Read<T> {
  if (payload.length > MAX_ENVELOPE_BYTES) return faulty('WP1004', `${payload.length} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(payload.toString('utf8'));
  } catch (error) {
    return faulty('WP1002', String(error));
  }
  if (isDeeperThan(MAX_LEVELS, json)) return faulty('WP1003', `nested more than ${MAX_LEVELS} levels deep`);
  const parsed = schema.safeParse(json);
  return parsed.success ? { ok: true, value: parsed.data } : faulty('WP1003', whereOf(parsed.error));
}

/** An envelope that fits its schema, its sender, its lane, and whose data fit its type. */
export function readEnvelope(address: DeviceAddress, lane: Lane, payload: Buffer): Read<Envelope> {
  const read = readMessage(Envelope, payload);
  if (!read.ok) return read;
  const { source, wplane, type, data } = read.value;
  if (source !== sourceOf(address)) return faulty('WP1005', source);
  if (wplane !== lane) return faulty('WP1006', `wplane ${wplane} by ${lane}`);
  if (!isEventType(type)) return read;
  if (EVENT_LANES[type] !== lane) return faulty('WP1006', `${type} by ${lane}`);
  const fits = EVENT_DATA[type].safeParse(data);
  return fits.success ? read : faulty('WP1008', whereOf(fits.error));
}

/** What can be read of a message that does not fit: enough to file it, and to let its lane go on. */
export interface Remains {
  readonly epoch: string | null;
  readonly seq: number | null;
  readonly eventId: string | null;
  readonly lane: Lane | null;
  readonly type: string | null;
}

const Remainder = z.object({
  wpepoch: Envelope.shape.wpepoch.nullable().catch(null),
  wpseq: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .nullable()
    .catch(null),
  id: z.string().max(64).nullable().catch(null),
  wplane: z.enum(LANES).nullable().catch(null),
  type: z.string().max(128).nullable().catch(null),
});
const NOTHING: Remains = { epoch: null, seq: null, eventId: null, lane: null, type: null };

export function remainsOf(payload: Buffer): Remains {
  try {
    const { wpepoch, wpseq, id, wplane, type } = Remainder.parse(JSON.parse(payload.toString('utf8')));
    return { epoch: wpepoch, seq: wpseq, eventId: id, lane: wplane, type };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return NOTHING;
    throw error;
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}

const whereOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || '(whole)'}: ${message}`)
    .join('; ');
