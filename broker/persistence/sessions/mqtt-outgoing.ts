import type { SiteDatabase } from '../store/database.ts';
import type { StoredPacket } from './mqtt-packet.ts';

interface OutgoingRow {
  readonly broker_id: string | null;
  readonly broker_counter: number | null;
  readonly packet_id: number | null;
  readonly released: number;
  readonly topic: string;
  readonly payload: Buffer | string | null;
  readonly qos: number;
  readonly retain: number;
}

const OF_CLIENT = 'session = (SELECT id FROM mqtt_session WHERE client = ?)';
const FIRST = `(session, number) = (SELECT session, number FROM mqtt_outgoing WHERE ${OF_CLIENT} AND packet_id = ? ORDER BY number LIMIT 1)`;

/**
 * The queues as aedes itself would drain them, by its own packet ids and names: its contract for a persistence. The
 * broker does not use it, for sessions are drained by the pump (see Delivery in session-store.ts); it serves engines
 * and suites that know nothing of one.
 */
export class AedesOutgoing {
  readonly #store: SiteDatabase;

  constructor(store: SiteDatabase) {
    this.#store = store;
  }

  all(client: string): StoredPacket[] {
    return this.#store.sql
      .prepare<[string], OutgoingRow>(`SELECT * FROM mqtt_outgoing WHERE ${OF_CLIENT} ORDER BY number`)
      .all(client)
      .map(packetOf);
  }

  /** Notes the packet id, or that only the PUBREL of this message is still to be sent. */
  update(client: string, packet: StoredPacket): void {
    const { cmd, messageId = null, brokerId = null, brokerCounter = null } = packet;
    this.#store.commitLazily((sql) =>
      cmd === 'pubrel'
        ? sql
            .prepare(`UPDATE mqtt_outgoing SET released = 1, topic = '', payload = NULL WHERE ${FIRST}`)
            .run(client, messageId)
        : sql
            .prepare(
              `UPDATE mqtt_outgoing SET packet_id = ? WHERE ${OF_CLIENT} AND broker_id = ? AND broker_counter = ?`,
            )
            .run(messageId, client, brokerId, brokerCounter),
    );
  }

  /** Takes the acknowledged message out; undefined when there is none with that packet id. */
  clear(client: string, messageId: number | undefined): StoredPacket | undefined {
    const taken = this.#store.commitLazily((sql) =>
      sql
        .prepare<[string, number | null], OutgoingRow>(`DELETE FROM mqtt_outgoing WHERE ${FIRST} RETURNING *`)
        .get(client, messageId ?? null),
    );
    return taken && packetOf(taken);
  }
}

function packetOf(row: OutgoingRow): StoredPacket {
  if (row.released === 1) return { cmd: 'pubrel', messageId: row.packet_id ?? undefined };
  return {
    cmd: 'publish',
    brokerId: row.broker_id ?? undefined,
    brokerCounter: row.broker_counter ?? undefined,
    topic: row.topic,
    payload: row.payload ?? Buffer.alloc(0),
    qos: row.qos,
    retain: row.retain === 1,
    dup: false,
    messageId: row.packet_id ?? undefined,
  };
}
