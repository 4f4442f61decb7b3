import type { Database } from 'better-sqlite3';
import { DrainWindow } from './drain-window.ts';
import { lazy } from './lazy.ts';
import type { StoredPacket } from './mqtt-packet.ts';
import type { GroupCommit } from './ports.ts';

/** Rows read at once while a queue is drained. */
const PAGE = 200;

interface OutgoingRow {
  readonly row: number;
  readonly broker_id: string | null;
  readonly broker_counter: number | null;
  readonly message_id: number | null;
  readonly cmd: string;
  readonly topic: string | null;
  readonly payload: Buffer | string | null;
  readonly qos: number;
  readonly retain: number;
  readonly dup: number;
}

export interface QueueLimits {
  /** Most messages that wait for one session. Packet ids have 16 bits: above 65,535 they would meet. */
  readonly perSession: number;
  /** Told for each message that found a queue full. */
  readonly onDropped: (client: string) => void;
}

interface LazyCommit extends GroupCommit {
  commitLazily<T>(work: (sql: Database) => T): T;
}

/** Messages that wait for persistent sessions (QoS 1 and 2), in the order they came. */
export class OutgoingQueue {
  readonly #store: LazyCommit;
  readonly #limits: QueueLimits;
  readonly #waiting = new Map<string, number>();
  readonly #draining = new Map<string, DrainWindow>();
  readonly #newest = lazy(() =>
    this.#store.sql
      .prepare<[string], number | null>('SELECT max(row) FROM mqtt_outgoing WHERE client = ?')
      .pluck(),
  );
  readonly #page = lazy(() =>
    this.#store.sql.prepare<[string, number, number], OutgoingRow>(
      `SELECT * FROM mqtt_outgoing WHERE client = ? AND row > ? AND row <= ? ORDER BY row LIMIT ${PAGE}`,
    ),
  );
  readonly #insert = lazy(() =>
    this.#store.sql.prepare(
      `INSERT OR IGNORE INTO mqtt_outgoing
       (client, broker_id, broker_counter, cmd, topic, payload, qos, retain, dup) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  );
  readonly #number = lazy(() =>
    this.#store.sql.prepare(
      'UPDATE mqtt_outgoing SET message_id = ? WHERE client = ? AND broker_id = ? AND broker_counter = ?',
    ),
  );
  readonly #replace = lazy(() =>
    this.#store.sql.prepare(
      `UPDATE mqtt_outgoing SET cmd = ?, broker_id = ?, broker_counter = ?, topic = ?, payload = ?
       WHERE row = (SELECT min(row) FROM mqtt_outgoing WHERE client = ? AND message_id = ?)`,
    ),
  );
  readonly #takeAcknowledged = lazy(() =>
    this.#store.sql.prepare<[string, number], OutgoingRow>(
      `DELETE FROM mqtt_outgoing WHERE row =
       (SELECT min(row) FROM mqtt_outgoing WHERE client = ? AND message_id = ?) RETURNING *`,
    ),
  );

  constructor(store: LazyCommit, limits: QueueLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  load(): void {
    const counts = this.#store.sql.prepare<[], { client: string; waiting: number }>(
      'SELECT client, count(*) AS waiting FROM mqtt_outgoing GROUP BY client',
    );
    for (const { client, waiting } of counts.all()) this.#waiting.set(client, waiting);
  }

  /** For each client once, inside a transaction; a second enqueue of the same packet changes nothing. */
  enqueue(clients: Iterable<string>, packet: StoredPacket): void {
    for (const client of clients) {
      if (this.waitingFor(client) < this.#limits.perSession) {
        const { changes } = this.#insert().run(client, ...valuesOf(packet));
        this.#store.afterCommit(() => this.#count(client, changes));
      } else this.#limits.onDropped(client);
    }
  }

  waitingFor(client: string): number {
    return this.#waiting.get(client) ?? 0;
  }

  /** Notes the packet id, or puts a PUBREL in the place of the message it answers. False: nothing is there. */
  update(client: string, packet: StoredPacket): boolean {
    const { messageId = null, brokerId = null, brokerCounter = null, cmd = 'publish', topic = null } = packet;
    return this.#store.commitLazily(() => {
      if (this.#number().run(messageId, client, brokerId, brokerCounter).changes > 0) return true;
      const values = [cmd, brokerId, brokerCounter, topic, packet.payload ?? null, client, messageId];
      return this.#replace().run(...values).changes > 0;
    });
  }

  /** Takes the acknowledged message out; undefined when there is none with that packet id. */
  clear(client: string, messageId: number | undefined): StoredPacket | undefined {
    if (messageId === undefined) return undefined;
    const taken = this.#store.commitLazily(() => this.#takeAcknowledged().get(client, messageId));
    if (taken === undefined) return undefined;
    this.#count(client, -1);
    this.#draining.get(client)?.acknowledged();
    return packetOf(taken);
  }

  /** The session has ended: nobody will ask for what waits. */
  empty(client: string): void {
    if (this.waitingFor(client) === 0) return;
    this.#store.commitLazily((sql) => sql.prepare('DELETE FROM mqtt_outgoing WHERE client = ?').run(client));
    this.#waiting.delete(client);
  }

  /**
   * What waits now, page by page, so that a long queue does not sit in memory; and no further ahead of the
   * acknowledgements than the window, so that it does not sit in the socket either. Ends when released.
   */
  async *waiting(client: string): AsyncGenerator<StoredPacket> {
    const window = new DrainWindow();
    this.#draining.get(client)?.release();
    this.#draining.set(client, window);
    for (const packet of this.#pages(client)) {
      if (!(await window.admits())) return;
      window.sent(packet);
      yield packet;
    }
    if (this.#draining.get(client) === window) this.#draining.delete(client);
  }

  /** The connection is gone: whoever drains for it stops. */
  release(client: string): void {
    this.#draining.get(client)?.release();
    this.#draining.delete(client);
  }

  *#pages(client: string): Generator<StoredPacket> {
    const newest = this.#newest().get(client) ?? 0;
    let after = 0;
    while (after < newest) {
      const rows = this.#page().all(client, after, newest);
      for (const row of rows) yield packetOf(row);
      after = rows.at(-1)?.row ?? newest;
    }
  }

  #count(client: string, change: number): void {
    const waiting = this.waitingFor(client) + change;
    if (waiting > 0) this.#waiting.set(client, waiting);
    else this.#waiting.delete(client);
  }
}

function valuesOf(packet: StoredPacket) {
  return [
    packet.brokerId ?? null,
    packet.brokerCounter ?? null,
    packet.cmd ?? 'publish',
    packet.topic ?? null,
    packet.payload ?? Buffer.alloc(0),
    packet.qos ?? 0,
    Number(packet.retain ?? false),
    Number(packet.dup ?? false),
  ] as const;
}

function packetOf(row: OutgoingRow): StoredPacket {
  if (row.cmd !== 'publish') return { cmd: row.cmd, messageId: row.message_id ?? undefined };
  return {
    cmd: row.cmd,
    brokerId: row.broker_id ?? undefined,
    brokerCounter: row.broker_counter ?? undefined,
    topic: row.topic ?? undefined,
    payload: row.payload ?? Buffer.alloc(0),
    qos: row.qos,
    retain: row.retain === 1,
    dup: row.dup === 1,
    messageId: row.message_id ?? undefined,
  };
}
