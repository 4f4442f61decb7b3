import { createHash } from 'node:crypto';
import type { ErrorCode } from '#contract/errors.ts';
import type { Lane } from '#contract/topics.ts';
import { lazy } from '../lazy.ts';
import type { GroupCommit } from '../ports.ts';
import type { LaneKey } from './watermarks.ts';

/** What could be read of a message that was not accepted. */
export interface Refused {
  readonly client: string;
  readonly topic: string;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly payload: Buffer;
  /** Of the device it came from; null when it was sent under another's name. */
  readonly source: string | null;
  readonly epoch: string | null;
  readonly lane: Lane | null;
  readonly seq: number | null;
  readonly eventId: string | null;
}

export interface QuarantineItem {
  readonly row: number;
  readonly receivedAt: string;
  readonly lastAt: string;
  readonly times: number;
  readonly client: string;
  readonly topic: string;
  readonly code: string;
  readonly detail: string;
  readonly source: string | null;
  readonly seq: number | null;
  readonly eventId: string | null;
  readonly bytes: number;
}

/** How much of a payload is kept, and how many rows: the oldest go first, the totals stay. */
const PAYLOAD_MAX_BYTES = 16 * 1024;
const ROWS_MAX = 5000;
const DETAIL_MAX = 1000;
const REJECTED_MAX = 100;

/** Messages that could not be accepted, with the reason. The same message again only counts. */
export class Quarantine {
  readonly #store: GroupCommit;
  readonly #again = lazy(() =>
    this.#store.sql
      .prepare<[string, string], number>(
        'UPDATE quarantine SET times = times + 1, last_at = ? WHERE digest = ? RETURNING row',
      )
      .pluck(),
  );
  readonly #insert = lazy(() =>
    this.#store.sql.prepare(
      `INSERT INTO quarantine
       (digest, received_at, last_at, client, topic, code, detail, source, epoch, lane, seq, event_id, bytes, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  );
  readonly #total = lazy(() =>
    this.#store.sql.prepare(
      'INSERT INTO quarantine_total (code, times) VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1',
    ),
  );
  readonly #trim = lazy(() => this.#store.sql.prepare('DELETE FROM quarantine WHERE row <= ?'));

  constructor(store: GroupCommit) {
    this.#store = store;
  }

  /** Inside a commit. `first` is false when the very same message was there already. */
  add(refused: Refused, at: string): { readonly row: number; readonly first: boolean } {
    this.#total().run(refused.code);
    const digest = digestOf(refused);
    const known = this.#again().get(at, digest);
    if (known !== undefined) return { row: known, first: false };
    const { client, topic, code, detail, source, epoch, lane, seq, eventId, payload } = refused;
    const kept = payload.subarray(0, PAYLOAD_MAX_BYTES);
    const { lastInsertRowid } = this.#insert().run(
      ...[
        digest,
        at,
        at,
        client,
        topic,
        code,
        detail.slice(0, DETAIL_MAX),
        source,
        epoch,
        lane,
        seq,
        eventId,
      ],
      ...[payload.length, kept],
    );
    const row = Number(lastInsertRowid);
    this.#trim().run(row - ROWS_MAX);
    return { row, first: true };
  }

  /** What a receipt lists as `rejected`, newest first. A taken number (WP1007) is not: the device keeps that event. */
  rejected({ source, epoch, lane }: LaneKey): { seq: number; code: string }[] {
    return this.#store.sql
      .prepare<[string, string, string], { seq: number; code: string }>(
        `SELECT seq, code FROM quarantine WHERE source = ? AND epoch = ? AND lane = ? AND seq IS NOT NULL
         AND code <> 'WP1007' ORDER BY row DESC LIMIT ${REJECTED_MAX}`,
      )
      .all(source, epoch, lane);
  }

  totals(): Record<string, number> {
    const rows = this.#store.sql
      .prepare<[], { code: string; times: number }>('SELECT code, times FROM quarantine_total ORDER BY code')
      .all();
    return Object.fromEntries(rows.map(({ code, times }) => [code, times]));
  }

  /** Newest first. */
  list(limit: number): QuarantineItem[] {
    return this.#store.sql
      .prepare<[number], QuarantineItem>(
        `SELECT row, received_at AS receivedAt, last_at AS lastAt, times, client, topic, code, detail, source, seq,
         event_id AS eventId, bytes FROM quarantine ORDER BY row DESC LIMIT ?`,
      )
      .all(limit);
  }
}

function digestOf({ client, topic, code, payload }: Refused): string {
  return createHash('sha256').update(`${client}\n${topic}\n${code}\n`).update(payload).digest('hex');
}
