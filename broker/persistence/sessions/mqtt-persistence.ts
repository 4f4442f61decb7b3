import { Readable } from 'node:stream';
import type { Database } from 'better-sqlite3';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { SiteDatabase } from '../store/database.ts';
import { AedesOutgoing } from './mqtt-outgoing.ts';
import { type PacketRow, packetOf, packetRow, type StoredPacket } from './mqtt-packet.ts';
import {
  highestOf,
  type SessionSubscription,
  type Subscription,
  SubscriptionStore,
} from './mqtt-subscriptions.ts';
import { type LeftWill, WillStore } from './mqtt-wills.ts';
import type { Session } from './session.ts';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from './session-limits.ts';
import { SessionRelief } from './session-relief.ts';
import { type Delivery, type Recipients, SessionStore } from './session-store.ts';
import { Settled } from './settled.ts';
import { hearersOf } from './spoken-pieces.ts';
import { filterMatches } from './topic-filters.ts';

interface ClientName {
  readonly id: string;
}
interface BrokerName {
  readonly id: string;
}

/** Who brings messages to clients, and what it must know of them. `C` is a connected client of the engine. */
export interface Pump<C extends ClientName = ClientName> extends Delivery {
  /** CONNACK has been sent: what waits may follow. */
  attach(client: C): void;
  /** False for a connection that another has taken the place of. */
  isAttached(client: C): boolean;
  /** Seconds, from its CONNECT. */
  keepaliveS(client: C): number;
  /** Whether the will of this client is to be kept, for it could not be published yet. */
  keepsWill(client: string): boolean;
  /** Its owner has connected, and leaves what it says now. */
  ownsWill(client: string): void;
}

export interface PersistenceOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: SessionLimits;
  /**
   * Whether a client may have this subscription. aedes asks for each one before it serves it, but hands all of the
   * same SUBSCRIBE to the persistence as soon as one of them is granted: without this a refused filter would
   * still collect a queue for the session.
   */
  readonly admits?: (client: ClientName, filter: string) => boolean;
  /** Told of what failed where aedes has no ear for it: a rejection there would end the process. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * aedes says "session present" when there are subscriptions to restore; a session without any has this one, which
 * nobody is ever granted.
 */
export const SESSION_MARK = '$session';

/**
 * The persistence of aedes 1.2 (its asynchronous interface) on the site's database. What aedes confirms to a
 * client is committed first. With a pump, messages of QoS 1 and 2 reach their subscribers through it alone; without
 * one, aedes drains the queues itself. The three methods between numbering and emitting a packet answer
 * synchronously, see {@link Settled}.
 */
export class MqttPersistence {
  readonly sessions: SessionStore;
  readonly #store: SiteDatabase;
  readonly #options: PersistenceOptions;
  readonly #subscriptions: SubscriptionStore;
  readonly #outgoing: AedesOutgoing;
  readonly #wills: WillStore;
  readonly #relief: SessionRelief;
  /** Packets of QoS 2 that have come before. */
  readonly #repeats = new WeakSet<object>();
  #pump: Pump | null = null;
  #broker: BrokerName = { id: '' };

  constructor(store: SiteDatabase, options: PersistenceOptions) {
    const { clock, log, limits = DEFAULT_SESSION_LIMITS } = options;
    this.#store = store;
    this.#options = options;
    this.#subscriptions = new SubscriptionStore(store);
    this.#outgoing = new AedesOutgoing(store);
    this.#wills = new WillStore(store);
    const onForgotten = ({ client }: Session) => this.#subscriptions.forget(client);
    this.sessions = new SessionStore({ store, clock, log, limits, onForgotten });
    this.#relief = new SessionRelief({ sessions: this.sessions, store, clock, log });
  }

  get broker(): BrokerName {
    return this.#broker;
  }

  /** From now on the pump delivers; before `setup`. */
  pumpWith(pump: Pump): void {
    this.#pump = pump;
    this.sessions.deliverWith(pump, (session) => this.#relief.grown(session));
  }

  async setup(broker: BrokerName): Promise<void> {
    this.#broker = broker;
    this.#subscriptions.load();
    this.sessions.load();
    this.#relief.start();
  }

  /** Writes down where sessions stand, while the database is still open. Idempotent. */
  close(): void {
    this.#relief.close();
    this.sessions.close();
  }

  /**
   * Inside the caller's transaction: retains the packet, queues it for every matching session, and notes a packet of
   * QoS 2 as come in. When aedes comes to do the same with the same payload, it is done.
   */
  prepare(sql: Database, client: string | null, packet: StoredPacket & { payload: Buffer }): void {
    const { qos = 0, topic = '' } = packet;
    if (packet.retain === true) retain(sql, packet);
    if (qos > 0) this.sessions.enqueue(atMost(qos, this.#subscriptions.granted(topic)), packet);
    if (qos === 2 && client !== null) this.#noteIncoming(sql, client, { ...packet, payload: undefined });
    markPrepared(packet.payload);
  }

  /** {@link prepare} for many: rows of queues are written together. */
  prepareAll(work: () => void): void {
    this.sessions.rows.together(work);
  }

  /** aedes is to answer PUBREC and nothing else, also when PUBREL has come meanwhile. */
  markRepeat(packet: object): void {
    this.#repeats.add(packet);
  }

  /** Inside a commit: the will of a connection that has ended is on its way, and not to be published by anybody else. */
  willIsPassed(sql: Database, client: string, connection: 'left' | 'ending'): void {
    this.#wills.passed(sql, client, connection === 'ending' ? 1 : 0);
  }

  isIncoming(client: string, messageId: number): boolean {
    return this.#incoming(client, messageId) !== undefined;
  }

  /** The highest QoS this client has been granted for the topic; 0 also where it has no subscription. */
  granted(client: string, topic: string): number {
    return this.#subscriptions.granted(topic).get(client) ?? 0;
  }

  /** A retained message that answers a SUBSCRIBE goes through the queue like any other. */
  async enqueueRetained(client: string, packet: StoredPacket): Promise<void> {
    const { qos = 0, topic = '' } = packet;
    const recipients = new Map([[client, Math.min(qos, this.granted(client, topic))]]);
    await this.#store.commit(() => this.sessions.enqueue(recipients, packet, 'retained'));
  }

  addClean(client: string, subscription: Subscription): void {
    this.#subscriptions.addClean(client, subscription);
  }

  removeClean(client: string, topics: readonly string[]): void {
    this.#subscriptions.removeClean(client, topics);
  }

  storeRetained(packet: StoredPacket): PromiseLike<void> {
    return new Settled(() => {
      if (!this.#isPrepared(packet)) this.#store.commitLazily((sql) => retain(sql, packet));
    });
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#retained(filters), { highWaterMark: 1 });
  }

  async addSubscriptions(client: ClientName, subscriptions: readonly Subscription[]): Promise<ClientName> {
    const { admits = () => true } = this.#options;
    const admitted = subscriptions.filter(({ topic }) => admits(client, topic));
    await this.#store.commit(() => {
      this.sessions.keep(client.id);
      this.#subscriptions.add(client.id, admitted);
    });
    return client;
  }

  async removeSubscriptions(client: ClientName, topics: readonly string[]): Promise<ClientName> {
    await this.#subscriptions.remove(client.id, topics);
    return client;
  }

  async subscriptionsByClient({ id }: ClientName): Promise<Subscription[]> {
    const subscriptions = this.#subscriptions.of(id);
    if (subscriptions.length > 0 || this.#pump === null || !this.sessions.isKept(id)) return subscriptions;
    return [{ topic: SESSION_MARK, qos: 0 }];
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    return this.#subscriptions.counts;
  }

  subscriptionsByTopic(topic: string): PromiseLike<SessionSubscription[]> {
    return new Settled(() => this.#subscriptions.matching(topic));
  }

  /** A clean session begins: the one before goes with all that waits for it [MQTT-3.1.2-6]. */
  async cleanSubscriptions(client: ClientName): Promise<void> {
    const session = this.sessions.get(client.id);
    if (session !== undefined) await this.sessions.end(session, 'clean');
  }

  async outgoingEnqueue(session: { clientId: string }, packet: StoredPacket): Promise<void> {
    const recipients = new Map([[session.clientId, packet.qos ?? 0]]);
    await this.#store.commit(() => this.sessions.enqueue(recipients, packet));
  }

  /** What the site itself says comes only here; what came in through the gate is queued already. */
  outgoingEnqueueCombi(
    subscriptions: readonly SessionSubscription[],
    packet: StoredPacket,
  ): PromiseLike<void> {
    return new Settled(() => {
      const hearers = hearersOf(packet.topic ?? '', subscriptions);
      if (hearers.length === 0 || this.#isPrepared(packet)) return;
      const recipients = atMost(packet.qos ?? 0, highestOf(hearers));
      if (!this.sessions.anyKept(recipients)) this.sessions.pass(recipients, packet);
      else {
        this.#store
          .commit(() => this.sessions.enqueue(recipients, packet))
          .catch((error) => this.#options.onFault?.(error));
      }
    });
  }

  /** With a pump: PUBREC has come. Lenient where nothing is on its way: aedes answers PUBREL all the same. */
  async outgoingUpdate(client: ClientName, packet: StoredPacket): Promise<void> {
    if (this.#pump === null) return this.#outgoing.update(client.id, packet);
    const session = this.sessions.get(client.id);
    if (packet.cmd !== 'pubrel' || packet.messageId === undefined || session === undefined) return;
    if (!this.#pump.isAttached(client)) return;
    await this.sessions.received(session, packet.messageId);
  }

  /** With a pump: PUBACK or PUBCOMP has come. */
  async outgoingClearMessageId(
    client: ClientName,
    { messageId }: StoredPacket,
  ): Promise<StoredPacket | undefined> {
    if (this.#pump === null) return this.#outgoing.clear(client.id, messageId);
    const session = this.sessions.get(client.id);
    if (session !== undefined && messageId !== undefined && this.#pump.isAttached(client)) {
      this.sessions.acknowledge(session, messageId);
    }
    return undefined;
  }

  /** aedes asks for it right after CONNACK, for every client. */
  outgoingStream(client: ClientName): Readable {
    if (this.#pump === null) return Readable.from(this.#outgoing.all(client.id));
    this.#pump.attach(client);
    return Readable.from([]);
  }

  async incomingStorePacket(client: ClientName, packet: StoredPacket): Promise<void> {
    if (this.#isPrepared(packet)) return;
    await this.#store.commit((sql) => this.#noteIncoming(sql, client.id, packet));
  }

  /** Rejects where there is none: aedes takes the rejection for "new". */
  async incomingGetPacket(client: ClientName, packet: StoredPacket): Promise<StoredPacket> {
    if (this.#repeats.has(packet)) return packet;
    const known = this.#isPrepared(packet) ? undefined : this.#incoming(client.id, packet.messageId);
    if (known === undefined) throw new RangeError('no such packet');
    return known;
  }

  /** Committed before PUBCOMP: a packet id that is used again must not be taken for the one before. */
  async incomingDelPacket(client: ClientName, { messageId }: StoredPacket): Promise<void> {
    const { changes } = await this.#store.commit((sql) =>
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
    await this.#wills.put(client.id, this.#broker.id, packet, this.#pump?.keepaliveS(client) ?? 0);
    return client;
  }

  async getWill(client: ClientName): Promise<StoredPacket | undefined> {
    return this.#wills.get(client.id);
  }

  /** aedes names the broker where a connection has ended, and does not where the next one begins. */
  async delWill(client: ClientName & { readonly brokerId?: string }): Promise<StoredPacket | undefined> {
    if (client.brokerId === undefined) this.#pump?.ownsWill(client.id);
    else {
      const isLast = this.#wills.ended(client.id);
      if (!isLast || this.#pump?.keepsWill(client.id)) return undefined;
    }
    return this.#safely(() => this.#wills.take(client.id));
  }

  /** Of runs that are over. */
  leftWills(): LeftWill[] {
    return this.#wills.leftBy({ [this.#broker.id]: true });
  }

  /** With a pump, wills that are left have their own time; aedes finds none. */
  streamWill(brokers: Readonly<Record<string, unknown>> = {}): Readable {
    return Readable.from(this.#pump === null ? this.#wills.leftBy(brokers).map(({ packet }) => packet) : []);
  }

  getClientList(topic: string): Readable {
    return Readable.from(this.#subscriptions.clientsOf(topic));
  }

  /** The database belongs to whoever opened it. */
  async destroy(): Promise<void> {
    this.close();
  }

  #isPrepared({ payload }: StoredPacket): boolean {
    return Buffer.isBuffer(payload) && isMarked(payload);
  }

  #safely<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#options.onFault?.(error);
      return undefined;
    }
  }

  #noteIncoming(sql: Database, client: string, packet: StoredPacket): void {
    const row = packetRow({ ...packet, length: undefined });
    sql
      .prepare('REPLACE INTO mqtt_incoming (client, message_id, packet, payload) VALUES (?, ?, ?, ?)')
      .run(client, packet.messageId, row.packet, row.payload);
  }

  #incoming(client: string, messageId: number | undefined): StoredPacket | undefined {
    const row = this.#store.sql
      .prepare<[string, number | null], PacketRow>(
        'SELECT packet, payload FROM mqtt_incoming WHERE client = ? AND message_id = ?',
      )
      .get(client, messageId ?? null);
    return row && packetOf(row);
  }

  /** One after another: all of them together may be large. */
  *#retained(filters: readonly string[]): Generator<StoredPacket> {
    const topics = this.#safely(() =>
      this.#store.sql.prepare<[], string>('SELECT topic FROM mqtt_retained').pluck().all(),
    );
    for (const topic of topics ?? []) {
      if (!filters.some((filter) => filterMatches(filter, topic))) continue;
      const row = this.#safely(() =>
        this.#store.sql
          .prepare<[string], PacketRow>('SELECT packet, payload FROM mqtt_retained WHERE topic = ?')
          .get(topic),
      );
      if (row !== undefined) yield packetOf(row);
    }
  }
}

/** On payloads of packets whose retaining and queueing is part of the ingest transaction: a WeakSet took five times as long. */
const PREPARED = Symbol('prepared');
type Marked = Buffer & { [PREPARED]?: true };

function markPrepared(payload: Marked): void {
  payload[PREPARED] = true;
}

const isMarked = (payload: Marked): boolean => payload[PREPARED] === true;

/** The QoS of a delivery: the lower one of that of the message and of what was granted [MQTT-3.8.4-6]. */
function atMost(qos: number, granted: Recipients): Recipients {
  for (const wanted of granted.values()) {
    if (wanted > qos) return new Map([...granted].map(([client, most]) => [client, Math.min(qos, most)]));
  }
  return granted;
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
