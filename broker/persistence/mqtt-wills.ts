import type { SiteDatabase } from './database.ts';
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

/** Last wills of connections, with the keep-alive of each. */
export class WillStore {
  readonly #store: SiteDatabase;

  constructor(store: SiteDatabase) {
    this.#store = store;
  }

  async put(client: string, brokerId: string, packet: StoredPacket, keepaliveS: number): Promise<void> {
    const row = packetRow(packet);
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
