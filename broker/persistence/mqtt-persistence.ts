import { Readable } from 'node:stream';
import type { Database } from 'better-sqlite3';
import type { SiteDatabase } from './database.ts';
import { type PacketRow, packetOf, packetRow, type StoredPacket } from './mqtt-packet.ts';
import { OutgoingQueue, type QueueLimits } from './mqtt-queue.ts';
import { type SessionSubscription, type Subscription, SubscriptionStore } from './mqtt-subscriptions.ts';
import { Settled } from './settled.ts';
import { filterMatches } from './topic-filters.ts';

interface ClientName {
  readonly id: string;
}
interface BrokerName {
  readonly id: string;
}

/** How many packets may be on their way from the gate to aedes's own enqueue. Above, SQLite finds the doubles. */
const PREPARED_MAX = 10_000;

export interface PersistenceOptions extends QueueLimits {
  /**
   * Whether a client may have this subscription. aedes asks for each one before it serves it, but hands all of the
   * same SUBSCRIBE to the persistence as soon as one of them is granted: without this a refused filter would
   * still collect a queue for the session.
   */
  readonly admits: (client: ClientName, filter: string) => boolean;
  /** Told of what failed where aedes has no ear for it: a rejection there would end the process. */
  readonly onFault: (error: unknown) => void;
}

const NO_LIMITS: PersistenceOptions = {
  perSession: 65_000,
  onDropped: () => undefined,
  admits: () => true,
  onFault: (error) => {
    throw error;
  },
};

/**
 * The persistence of aedes 1.2 (its asynchronous interface) on the site's database. What aedes confirms to a
 * client is committed first; what may be repeated after a crash (packet ids, taking from queues) commits lazily.
 * The three methods between numbering and emitting a packet answer synchronously, see {@link Settled}.
 */
export class MqttPersistence {
  readonly #store: SiteDatabase;
  readonly #subscriptions: SubscriptionStore;
  readonly #queue: OutgoingQueue;
  readonly #options: PersistenceOptions;
  readonly #prepared = new Set<string>();
  #broker: BrokerName = { id: '' };

  constructor(store: SiteDatabase, options: PersistenceOptions = NO_LIMITS) {
    this.#store = store;
    this.#options = options;
    this.#subscriptions = new SubscriptionStore(store);
    this.#queue = new OutgoingQueue(store, options);
  }

  get broker(): BrokerName {
    return this.#broker;
  }

  async setup(broker: BrokerName): Promise<void> {
    this.#broker = broker;
    this.#subscriptions.load();
    this.#queue.load();
  }

  /**
   * Stores a numbered packet inside the caller's transaction as aedes will: retained, and queued for every
   * matching session. When aedes comes to do the same, it is done.
   */
  prepare(sql: Database, packet: StoredPacket): void {
    if (packet.retain === true) retain(sql, packet);
    if ((packet.qos ?? 0) > 0) this.#queue.enqueue(this.#sessionsOf(packet.topic ?? ''), packet);
    if (this.#prepared.size >= PREPARED_MAX) this.#prepared.clear();
    this.#store.afterCommit(() => this.#prepared.add(nameOf(packet)));
  }

  isIncoming(client: string, messageId: number): boolean {
    return this.#incoming(client, messageId) !== undefined;
  }

  /** The client is gone: nothing more is read from its queue. */
  release(client: string): void {
    this.#queue.release(client);
  }

  waitingFor(client: string): number {
    return this.#queue.waitingFor(client);
  }

  storeRetained(packet: StoredPacket): PromiseLike<void> {
    return new Settled(() => {
      if (!this.#prepared.has(nameOf(packet))) this.#store.commitLazily((sql) => retain(sql, packet));
    });
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#safely(() => this.#retained(filters)) ?? []);
  }

  async addSubscriptions(client: ClientName, subscriptions: readonly Subscription[]): Promise<ClientName> {
    const admitted = subscriptions.filter(({ topic }) => this.#options.admits(client, topic));
    await this.#subscriptions.add(client.id, admitted);
    return client;
  }

  async removeSubscriptions(client: ClientName, topics: readonly string[]): Promise<ClientName> {
    await this.#subscriptions.remove(client.id, topics);
    return client;
  }

  async subscriptionsByClient(client: ClientName): Promise<Subscription[]> {
    return this.#subscriptions.of(client.id);
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    return this.#subscriptions.counts;
  }

  subscriptionsByTopic(topic: string): PromiseLike<SessionSubscription[]> {
    return new Settled(() => this.#subscriptions.matching(topic));
  }

  /** A clean session begins: its subscriptions go, and what waited for them [MQTT-3.1.2-6]. */
  async cleanSubscriptions(client: ClientName): Promise<void> {
    const topics = this.#subscriptions.of(client.id).map(({ topic }) => topic);
    if (topics.length > 0) await this.#subscriptions.remove(client.id, topics);
    this.#queue.empty(client.id);
  }

  async outgoingEnqueue(session: { clientId: string }, packet: StoredPacket): Promise<void> {
    await this.#store.commit(() => this.#queue.enqueue([session.clientId], packet));
  }

  outgoingEnqueueCombi(sessions: readonly { clientId: string }[], packet: StoredPacket): PromiseLike<void> {
    return new Settled(() => {
      if (this.#prepared.delete(nameOf(packet)) || sessions.length === 0) return;
      const clients = new Set(sessions.map(({ clientId }) => clientId));
      this.#store.commitLazily(() => this.#queue.enqueue(clients, packet));
    });
  }

  /** Lenient where nothing waits: a full queue must not end the connection that is just being served. */
  async outgoingUpdate(client: ClientName, packet: StoredPacket): Promise<void> {
    this.#queue.update(client.id, packet);
  }

  async outgoingClearMessageId(client: ClientName, packet: StoredPacket): Promise<StoredPacket | undefined> {
    return this.#queue.clear(client.id, packet.messageId);
  }

  outgoingStream(client: ClientName): Readable {
    return Readable.from(this.#queue.waiting(client.id), { highWaterMark: 1 });
  }

  async incomingStorePacket(client: ClientName, packet: StoredPacket): Promise<void> {
    const row = packetRow({ ...packet, length: undefined });
    await this.#store.commit((sql) =>
      sql
        .prepare('REPLACE INTO mqtt_incoming (client, message_id, packet, payload) VALUES (?, ?, ?, ?)')
        .run(client.id, packet.messageId, row.packet, row.payload),
    );
  }

  /** Rejects where there is none: aedes takes the rejection for "new". */
  async incomingGetPacket(client: ClientName, { messageId }: StoredPacket): Promise<StoredPacket> {
    const packet = this.#incoming(client.id, messageId);
    if (packet === undefined) throw new RangeError('no such packet');
    return packet;
  }

  async incomingDelPacket(client: ClientName, { messageId }: StoredPacket): Promise<void> {
    const { changes } = this.#store.commitLazily((sql) =>
      sql
        .prepare('DELETE FROM mqtt_incoming WHERE client = ? AND message_id = ?')
        .run(client.id, messageId ?? null),
    );
    if (changes === 0) throw new RangeError('no such packet');
  }

  async cleanIncoming(client: ClientName): Promise<void> {
    this.#store.commitLazily((sql) =>
      sql.prepare('DELETE FROM mqtt_incoming WHERE client = ?').run(client.id),
    );
  }

  async putWill(client: ClientName, packet: StoredPacket): Promise<ClientName> {
    packet.brokerId = this.#broker.id;
    packet.clientId = client.id;
    const row = packetRow(packet);
    await this.#store.commit((sql) =>
      sql
        .prepare('REPLACE INTO mqtt_will (client, broker_id, packet, payload) VALUES (?, ?, ?, ?)')
        .run(client.id, this.#broker.id, row.packet, row.payload),
    );
    return client;
  }

  async getWill(client: ClientName): Promise<StoredPacket | undefined> {
    const row = this.#store.sql
      .prepare<[string], PacketRow>('SELECT packet, payload FROM mqtt_will WHERE client = ?')
      .get(client.id);
    return row && packetOf(row);
  }

  async delWill(client: ClientName): Promise<StoredPacket | undefined> {
    const row = this.#safely(() =>
      this.#store.commitLazily((sql) =>
        sql
          .prepare<[string], PacketRow>('DELETE FROM mqtt_will WHERE client = ? RETURNING packet, payload')
          .get(client.id),
      ),
    );
    return row && packetOf(row);
  }

  streamWill(brokers: Readonly<Record<string, unknown>> = {}): Readable {
    const rows = this.#store.sql
      .prepare<[], PacketRow & { broker_id: string }>('SELECT broker_id, packet, payload FROM mqtt_will')
      .all();
    return Readable.from(rows.filter(({ broker_id }) => !brokers[broker_id]).map(packetOf));
  }

  getClientList(topic: string): Readable {
    return Readable.from(this.#subscriptions.clientsOf(topic));
  }

  /** The database belongs to whoever opened it. */
  async destroy(): Promise<void> {
    this.#prepared.clear();
  }

  #safely<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#options.onFault(error);
      return undefined;
    }
  }

  #sessionsOf(topic: string): Set<string> {
    return new Set(this.#subscriptions.matching(topic).map(({ clientId }) => clientId));
  }

  #incoming(client: string, messageId: number | undefined): StoredPacket | undefined {
    const row = this.#store.sql
      .prepare<[string, number | null], PacketRow>(
        'SELECT packet, payload FROM mqtt_incoming WHERE client = ? AND message_id = ?',
      )
      .get(client, messageId ?? null);
    return row && packetOf(row);
  }

  #retained(filters: readonly string[]): StoredPacket[] {
    const topics = this.#store.sql.prepare<[], string>('SELECT topic FROM mqtt_retained').pluck().all();
    const read = this.#store.sql.prepare<[string], PacketRow>(
      'SELECT packet, payload FROM mqtt_retained WHERE topic = ?',
    );
    return topics
      .filter((topic) => filters.some((filter) => filterMatches(filter, topic)))
      .flatMap((topic) => read.all(topic).map(packetOf));
  }
}

function retain(sql: Database, packet: StoredPacket): void {
  if (packet.payload === undefined || packet.payload.length === 0) {
    sql.prepare('DELETE FROM mqtt_retained WHERE topic = ?').run(packet.topic);
    return;
  }
  const row = packetRow(packet);
  sql
    .prepare('REPLACE INTO mqtt_retained (topic, packet, payload) VALUES (?, ?, ?)')
    .run(packet.topic, row.packet, row.payload);
}

const nameOf = ({ brokerId, brokerCounter }: StoredPacket): string => `${brokerId} ${brokerCounter}`;
