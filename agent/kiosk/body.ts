import type { IncomingMessage } from 'node:http';
import { WatchpostError } from '#contract/errors.ts';
import { KioskChoice } from '../ports/kiosk.ts';

/** A choice is a hundred bytes. */
export const MOST_BODY_BYTES = 1024;

/** Rejects with WP2707 for what is no choice, too large, or not JSON; nothing beyond the limit is kept. */
export async function readChoice(request: IncomingMessage): Promise<KioskChoice> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    throw new WatchpostError('WP2707', { detail: 'the content type is not application/json' });
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > MOST_BODY_BYTES) throw new WatchpostError('WP2707', { detail: 'more than 1 KiB' });
    pieces.push(bytes);
  }
  const parsed = KioskChoice.safeParse(parse(Buffer.concat(pieces).toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new WatchpostError('WP2707', { detail: parsed.error.issues[0]?.message ?? 'unreadable' });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WatchpostError('WP2707', { detail: 'not JSON', cause });
  }
}
