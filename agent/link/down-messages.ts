import type * as z from 'zod';
import type { DownPiece } from '#agent/ports/down-content.ts';
import { WatchpostError } from '#contract/errors.ts';
import { Command, IncidentNotice, Receipt } from '#contract/messages.ts';
import { parseTopic } from '#contract/topics.ts';

export type DownMessage =
  | { readonly channel: 'receipt'; readonly message: Receipt }
  | { readonly channel: 'incident'; readonly message: IncidentNotice }
  | { readonly channel: 'command'; readonly message: Command }
  /** Content from the site. */
  | { readonly channel: 'blob'; readonly message: DownPiece };

/** Reads what the site sent. Throws WP2204 with what is wrong. */
export function parseDownMessage(topic: string, payload: Buffer): DownMessage {
  const parsed = parseTopic(topic);
  if (parsed === null || parsed.direction !== 'down') throw unreadable(topic, 'not a topic of down/');
  switch (parsed.channel) {
    case 'receipt':
      return { channel: 'receipt', message: parse(Receipt, topic, payload) };
    case 'incident':
      return { channel: 'incident', message: parse(IncidentNotice, topic, payload) };
    case 'command':
      return { channel: 'command', message: parse(Command, topic, payload) };
    case 'blob':
      return { channel: 'blob', message: { blobId: parsed.blobId, piece: parsed.piece, bytes: payload } };
    default:
      throw unreadable(topic, 'not a channel of down/');
  }
}

function parse<T>(schema: z.ZodType<T>, topic: string, payload: Buffer): T {
  const result = schema.safeParse(parseJson(topic, payload));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw unreadable(topic, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit its schema'}`);
}

function parseJson(topic: string, payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch (error) {
    throw new WatchpostError('WP2204', { detail: `${topic}: not JSON`, cause: error });
  }
}

const unreadable = (topic: string, why: string): WatchpostError =>
  new WatchpostError('WP2204', { detail: `${topic}: ${why}` });
