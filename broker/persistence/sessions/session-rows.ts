import { WatchpostError } from '#contract/errors.ts';
import { lazy } from '../lazy.ts';
import type { GroupCommit } from '../ports.ts';
import { laneNumber, laneOfNumber, type QueueLane } from './queue-lane.ts';
import type { Load } from './session-account.ts';
import type { Backlog, Queued, Shed, ShedQuery } from './session-backlog.ts';

interface QueueRow {
  readonly number: number;
  readonly packet_id: number | null;
  readonly released: number;
  readonly lane: number;
  readonly qos: number;
  readonly retain: number;
  readonly topic: string;
  readonly payload: Buffer | string | null;
  readonly bytes: number;
  readonly queued_s: number;
}

export interface SessionRow {
  readonly id: number;
  readonly client: string;
  readonly created_at: string;
  readonly connected_at: string | null;
  readonly gone_s: number | null;
  readonly next_number: number;
  readonly sent_to: number;
  readonly acknowledged: number;
  readonly dropped_age: number;
  readonly dropped_limit: number;
}

const NOTHING = Buffer.alloc(0);
/** Rows taken out of the queue of an ended session at once. */
const SWEEP = 1000;
/** Rows written by one statement: a third less time a row than one by one (measured). */
const TOGETHER = 16;
/** While it is connected, everything may have been sent before. */
const EVERYTHING = Number.MAX_SAFE_INTEGER;

interface QueuedRow {
  readonly session: number;
  readonly message: Queued;
}

const OLDEST = `SELECT number, lane, bytes FROM mqtt_outgoing
  WHERE session = ? AND number > ? AND number <= ? AND queued_s < ? AND released = 0 AND (qos < 2 OR number > ?)`;

/** The tables of sessions and of what waits for them. Whatever writes runs inside a commit of the caller. */
export class SessionRows {
  readonly #store: GroupCommit;
  readonly #page = this.#prepared<[number, number, number, number], QueueRow>(
    `SELECT number, packet_id, released, lane, qos, retain, topic, payload, bytes, queued_s FROM mqtt_outgoing
     WHERE session = ? AND number > ? AND number <= ? ORDER BY number LIMIT ?`,
  );
  readonly #insert = this.#prepared(
    `INSERT INTO mqtt_outgoing
     (session, number, queued_s, lane, qos, retain, bytes, topic, broker_id, broker_counter, payload)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  /** For messages of the pump alone, which have no names. */
  readonly #insertMany = this.#prepared(
    `INSERT INTO mqtt_outgoing (session, number, queued_s, lane, qos, retain, bytes, topic, payload)
     VALUES ${Array(TOGETHER).fill('(?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
  );
  #pending: QueuedRow[] | null = null;
  readonly #oldest = this.#prepared<number[], { number: number; lane: number; bytes: number }>(
    `${OLDEST} ORDER BY number LIMIT ?`,
  );
  readonly #oldestOfLane = this.#prepared<number[], { number: number; lane: number; bytes: number }>(
    `${OLDEST} AND lane = ? ORDER BY number LIMIT ?`,
  );
  readonly #remove = this.#prepared('DELETE FROM mqtt_outgoing WHERE session = ? AND number = ?');
  readonly #removeBelow = this.#prepared('DELETE FROM mqtt_outgoing WHERE session = ? AND number < ?');
  readonly #release = this.#prepared(
    "UPDATE mqtt_outgoing SET released = 1, packet_id = ?, topic = '', payload = NULL WHERE session = ? AND number = ?",
  );
  readonly #sweep = this.#prepared(
    `DELETE FROM mqtt_outgoing WHERE (session, number) IN
     (SELECT session, number FROM mqtt_outgoing WHERE session = ? ORDER BY number LIMIT ${SWEEP})`,
  );
  readonly #settled = this.#prepared(
    'UPDATE mqtt_session SET next_number = max(next_number, ?), acknowledged = ? WHERE id = ?',
  );
  readonly #dropped = this.#prepared(
    `UPDATE mqtt_session SET next_number = max(next_number, ?), dropped_age = dropped_age + ?,
     dropped_limit = dropped_limit + ? WHERE id = ?`,
  );

  constructor(store: GroupCommit) {
    this.#store = store;
  }

  all(): SessionRow[] {
    return this.#store.sql.prepare<[], SessionRow>('SELECT * FROM mqtt_session ORDER BY id').all();
  }

  /** Messages and bytes by session and lane: reads the whole queue, once, at the start. */
  loads(): { session: number; lane: QueueLane; load: Load; highest: number }[] {
    return this.#store.sql
      .prepare<[], { session: number; lane: number; messages: number; bytes: number; highest: number }>(
        `SELECT session, lane, count(*) AS messages, sum(bytes) AS bytes, max(number) AS highest
         FROM mqtt_outgoing GROUP BY session, lane`,
      )
      .all()
      .map(({ session, lane, messages, bytes, highest }) => ({
        session,
        lane: laneOfNumber(lane),
        load: { messages, bytes },
        highest,
      }));
  }

  /** Queues whose session has ended before they were swept. */
  orphans(): number[] {
    return this.#store.sql
      .prepare<[], number>(
        'SELECT DISTINCT session FROM mqtt_outgoing WHERE session NOT IN (SELECT id FROM mqtt_session)',
      )
      .pluck()
      .all();
  }

  /** Its row, made when it is not there yet. */
  open(client: string, createdAt: string): number {
    this.#store.sql
      .prepare(
        'INSERT INTO mqtt_session (client, created_at, gone_s) VALUES (?, ?, 0) ON CONFLICT DO NOTHING',
      )
      .run(client, createdAt);
    const id = this.#store.sql
      .prepare<[string], number>('SELECT id FROM mqtt_session WHERE client = ?')
      .pluck()
      .get(client);
    if (id === undefined) throw new WatchpostError('WP3008', { detail: `no session of ${client}` });
    return id;
  }

  end(id: number): void {
    this.#store.sql.prepare('DELETE FROM mqtt_session WHERE id = ?').run(id);
  }

  /** Some of what waited for a session that has ended; answers how many are gone. */
  sweep(id: number): number {
    return this.#sweep().run(id).changes;
  }

  connected(client: string, at: string): void {
    this.#store.sql
      .prepare(
        `UPDATE mqtt_session SET connected_at = ?, gone_s = NULL, sent_to = ${EVERYTHING} WHERE client = ?`,
      )
      .run(at, client);
  }

  gone(id: number, goneS: number, sentTo: number): void {
    this.#store.sql
      .prepare('UPDATE mqtt_session SET gone_s = ?, sent_to = ? WHERE id = ?')
      .run(goneS, sentTo, id);
  }

  insert(
    session: number,
    message: Queued,
    name: { readonly id: string | null; readonly counter: number | null },
  ): void {
    if (this.#pending === null || name.id !== null) {
      const { number, queuedS, lane, qos, retain, bytes, topic, payload } = message;
      const values = [session, number, queuedS, laneNumber(lane), qos, Number(retain), bytes, topic];
      this.#insert().run(...values, name.id, name.counter, payload);
    } else if (this.#pending.push({ session, message }) === TOGETHER) {
      const values = this.#pending.flatMap(valuesOf);
      this.#pending = [];
      this.#insertMany().run(...values);
    }
  }

  /** What `work` inserts is written by fewer statements; all of it when this returns. */
  together(work: () => void): void {
    this.#pending = [];
    try {
      work();
      const rest = this.#pending;
      this.#pending = null;
      for (const { session, message } of rest) this.insert(session, message, { id: null, counter: null });
    } finally {
      this.#pending = null;
    }
  }

  /** PUBREC has come: from now on only PUBREL is sent. */
  release(session: number, number: number, packetId: number): void {
    this.#release().run(packetId, session, number);
  }

  remove(session: number, number: number): void {
    this.#remove().run(session, number);
  }

  removeBelow(session: number, number: number): void {
    this.#removeBelow().run(session, number);
  }

  /** Beside the removal of what was acknowledged: the number that comes next, and how many were, in all. */
  settled(session: number, nextNumber: number, acknowledged: number): void {
    this.#settled().run(nextNumber, acknowledged, session);
  }

  /** Beside the removal of what is dropped. */
  dropped(session: number, nextNumber: number, more: { readonly age: number; readonly limit: number }): void {
    this.#dropped().run(nextNumber, more.age, more.limit, session);
  }

  *page(session: number, after: number, upTo: number, limit: number): Generator<Queued> {
    for (const row of this.#page().iterate(session, after, upTo, limit)) yield queuedOf(row);
  }

  oldest(session: number, { after, upTo, beforeS, everSentTo, lane, limit }: ShedQuery): Shed[] {
    const before = Math.min(beforeS, EVERYTHING);
    const rows =
      lane === null
        ? this.#oldest().all(session, after, upTo, before, everSentTo, limit)
        : this.#oldestOfLane().all(session, after, upTo, before, everSentTo, laneNumber(lane), limit);
    return rows.map((row) => ({ ...row, lane: laneOfNumber(row.lane) }));
  }

  #prepared<Parameters extends unknown[] = unknown[], Result = unknown>(text: string) {
    return lazy(() => this.#store.sql.prepare<Parameters, Result>(text));
  }
}

/** The queue of a session that is kept. */
export class RowBacklog implements Backlog {
  readonly #rows: SessionRows;
  readonly #session: number;

  constructor(rows: SessionRows, session: number) {
    this.#rows = rows;
    this.#session = session;
  }

  page(after: number, upTo: number, limit: number): Iterable<Queued> {
    return this.#rows.page(this.#session, after, upTo, limit);
  }

  oldest(query: ShedQuery): Shed[] {
    return this.#rows.oldest(this.#session, query);
  }
}

function queuedOf(row: QueueRow): Queued {
  return {
    number: row.number,
    packetId: row.packet_id,
    isReleased: row.released === 1,
    lane: laneOfNumber(row.lane),
    qos: row.qos,
    retain: row.retain === 1,
    topic: row.topic,
    payload: row.payload ?? NOTHING,
    bytes: row.bytes,
    queuedS: row.queued_s,
  };
}

function valuesOf({ session, message }: QueuedRow): unknown[] {
  const { number, queuedS, lane, qos, retain, bytes, topic, payload } = message;
  return [session, number, queuedS, laneNumber(lane), qos, Number(retain), bytes, topic, payload];
}
