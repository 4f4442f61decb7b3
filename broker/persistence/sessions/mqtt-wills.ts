import type { Database } from 'better-sqlite3';
import type { SiteDatabase } from '../store/database.ts';
import { type PacketRow, packetOf, packetRow, type StoredPacket } from './mqtt-packet.ts';

/** A will whose connection ended with a broker that is no more. */
export interface LeftWill {
  readonly client: string;
  /** Seconds; 0 where the connection had none. */
  readonly keepaliveS: number;
  readonly packet: StoredPacket;
}

interface WillRow extends PacketRow {
  readonly client: string;
  readonly broker_id: string;
  readonly keepalive_s: number;
}

/**
 * Last wills of connections, with the keep-alive of each. A client has one, that of its newest connection: when another
 * takes its place, that one's will is stored before the one before it ends.
 */
export class WillStore {
  readonly #store: SiteDatabase;
  /** Connections with a will that have not ended, by client. */
  readonly #open = new Map<string, number>();

  constructor(store: SiteDatabase) {
    this.#store = store;
  }

  async put(client: string, brokerId: string, packet: StoredPacket, keepaliveS: number): Promise<void> {
    const row = packetRow(packet);
    this.#open.set(client, (this.#open.get(client) ?? 0) + 1);
    await this.#store.commit((sql) =>
      sql
        .prepare(
          'REPLACE INTO mqtt_will (client, broker_id, packet, payload, keepalive_s) VALUES (?, ?, ?, ?, ?)',
        )
        .run(client, brokerId, row.packet, row.payload, keepaliveS),
    );
  }

  get(client: string): StoredPacket | undefined {
    const row = this.#store.sql
      .prepare<[string], PacketRow>('SELECT packet, payload FROM mqtt_will WHERE client = ?')
      .get(client);
    return row && packetOf(row);
  }

  /** A connection with a will has ended. Whether there is no newer one, whose will is the one that is stored now. */
  ended(client: string): boolean {
    const left = (this.#open.get(client) ?? 0) - 1;
    if (left > 0) this.#open.set(client, left);
    else this.#open.delete(client);
    return left <= 0;
  }

  /** Inside a commit: it is published with that. What is stored is the will of another when more are `open`. */
  passed(sql: Database, client: string, open: number): void {
    if ((this.#open.get(client) ?? 0) > open) return;
    sql.prepare('DELETE FROM mqtt_will WHERE client = ?').run(client);
  }

  take(client: string): StoredPacket | undefined {
    const row = this.#store.commitLazily((sql) =>
      sql
        .prepare<[string], PacketRow>('DELETE FROM mqtt_will WHERE client = ? RETURNING packet, payload')
        .get(client),
    );
    return row && packetOf(row);
  }

  /** Those of other brokers than the ones named: of runs that are over. */
  leftBy(brokers: Readonly<Record<string, unknown>>): LeftWill[] {
    return this.#store.sql
      .prepare<[], WillRow>('SELECT client, broker_id, packet, payload, keepalive_s FROM mqtt_will')
      .all()
      .filter(({ broker_id }) => !brokers[broker_id])
      .map((row) => ({ client: row.client, keepaliveS: row.keepalive_s, packet: packetOf(row) }));
  }
}
