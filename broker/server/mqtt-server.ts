import type { EventEmitter } from 'node:events';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { Person } from '#broker/auth/roles.ts';
import type { MqttPersistence } from '#broker/persistence/sessions/mqtt-persistence.ts';
import type { Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { downTopic } from '#contract/topics.ts';
import type { Arrival } from './arrival.ts';
import type { ConnectionGuard } from './connection-guard.ts';
import { Connections } from './connections.ts';
import { Confirmations } from './delivery/confirmations.ts';
import { LeftWills } from './delivery/left-wills.ts';
import { SessionDelivery } from './delivery/session-delivery.ts';
import { Hooks } from './hooks.ts';
import type { IngestGate } from './ingest/gate.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { ConnectionLimits } from './limits/connection-limits.ts';
import type { Refusals } from './limits/refusals.ts';
import { RepeatedFilters } from './limits/repeated-filters.ts';
import type { TopicLimits } from './limits/topic-limits.ts';
import { type ListenAddress, Listeners, type TlsAddress } from './listeners.ts';
import type { ServerMetrics } from './metrics.ts';
import type { Presence } from './presence.ts';
import type { Takeovers } from './takeovers.ts';
import type { TlsRefusal, TlsStatus } from './tls/tls-port.ts';

export interface MqttServerParts {
  readonly persistence: MqttPersistence;
  readonly guard: ConnectionGuard;
  readonly gate: IngestGate;
  readonly ingest: Ingest;
  readonly presence: Presence;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly takeovers: Takeovers;
  readonly clock: Clock;
  /** Somebody was not let in with a certificate that the site had issued. */
  readonly onVouchedRefused: (refusal: TlsRefusal) => void;
  readonly onTlsReloaded: (status: TlsStatus) => void;
  readonly onSubscribed: (address: DeviceAddress) => void;
  readonly limits: ConnectionLimits;
  readonly topicLimits: TopicLimits;
  readonly refusals: Refusals;
}

/** Listeners and the MQTT engine (aedes) behind the guard and the gate. */
export class MqttServer {
  readonly #parts: MqttServerParts;
  #aedes: Aedes | null = null;
  readonly #listeners: Listeners;
  readonly #connections: Connections;
  readonly #letIn = new Map<string, Client>();
  readonly #repeatedFilters = new RepeatedFilters();
  readonly #wills: LeftWills;
  readonly #delivery: SessionDelivery;
  readonly #confirmations: Confirmations;

  constructor(parts: MqttServerParts) {
    this.#parts = parts;
    this.#wills = new LeftWills({ ...parts, publish: (packet, done) => this.#publishPacket(packet, done) });
    this.#delivery = new SessionDelivery({ ...parts, wills: this.#wills });
    this.#confirmations = new Confirmations((client) => parts.persistence.sessions.get(client));
    this.#connections = new Connections({
      ...parts,
      handle: (arrival) => this.#handle(arrival),
      onUnreadable: (client, code, head) => this.#file(client, code, head),
    });
    this.#listeners = new Listeners({
      onOpened: (socket, address) => this.#connections.opened(socket, address),
      onArrival: (arrival) => this.accept(arrival),
      onTlsRefused: (refusal) => this.#tlsRefused(refusal),
      onTlsReloaded: parts.onTlsReloaded,
      handshakeTimeoutMs: parts.limits.connectTimeoutS * 1000,
      ...{ clock: parts.clock, log: parts.log },
    });
  }

  /** Starts the engine and publishes the wills that a crash has left. Nobody can connect yet. */
  async start(): Promise<void> {
    const { persistence, limits } = this.#parts;
    const delivery = this.#delivery;
    persistence.pumpWith(delivery);
    const hooks = new Hooks({
      ...this.#parts,
      delivery,
      wills: this.#wills,
      onLetIn: (client) => this.#noteTakeover(client),
    });
    const aedes = new Aedes({
      persistence,
      // No cap: with one, a hundred deliveries that wait hold up all others.
      concurrency: 0,
      // The connections have a clock of their own, which counts from TCP connect: this is behind it.
      connectTimeout: (limits.connectTimeoutS + 5) * 1000,
      maxInflightInbound: limits.qos2Unreleased,
      maxClientsIdLength: 128,
      preConnect: hooks.preConnect,
      authenticate: hooks.authenticate,
      authorizeSubscribe: hooks.authorizeSubscribe,
      authorizeForward: hooks.authorizeForward,
      authorizePublish: hooks.authorizePublish,
    });
    this.#aedes = aedes;
    this.#listen(aedes, hooks);
    this.#connections.start();
    await aedes.listen();
    this.#wills.start();
  }

  /** Opens a listener; plain MQTT only on loopback. Answers the port. Throws WP3105 or WP3106. */
  open(address: ListenAddress | TlsAddress): Promise<number> {
    return this.#listeners.open(address);
  }

  /** Somebody is about to speak MQTT, on one of the listeners or over a WebSocket. */
  accept(arrival: Arrival): void {
    this.#connections.accept(arrival);
  }

  /** Ends the connections of people who are not, or not any more, whom they were let in as. */
  recheckPeople(isCurrent: (person: Person) => boolean): void {
    const { guard, refusals } = this.#parts;
    for (const client of this.#letIn.values()) {
      const identity = guard.identity(client);
      if (identity.kind !== 'person' || isCurrent(identity.person)) continue;
      refusals.ends(client.conn, 'WP3365', { client: client.id });
      client.conn.destroy();
    }
  }

  /** Counts and logs what was refused before it came here, or ended because of what happened elsewhere. */
  refused(code: ErrorCode, fields: object): void {
    this.#parts.refusals.note(code, fields);
  }

  /** Connections now, unfinished ones among them, and addresses remembered. */
  get counts(): Connections['counts'] {
    return this.#connections.counts;
  }

  /** Reads keys, certificates and revocations again. */
  reloadTls(): void {
    this.#listeners.reloadTls();
  }

  /** Null where nothing listens with TLS. */
  get isListening(): boolean {
    return this.#listeners.areListening;
  }

  get tlsStatus(): TlsStatus | null {
    return this.#listeners.tlsStatus;
  }

  /** Ends listeners, connections and the engine. Idempotent. */
  async close(): Promise<void> {
    const aedes = this.#aedes;
    this.#aedes = null;
    const closed = this.#listeners.close();
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(() => resolve()));
    this.#connections.close();
    await closed;
    this.#wills.close();
    if (aedes !== null) this.#parts.persistence.close();
    this.#delivery.close();
    this.#confirmations.close();
  }

  /** QoS 1, never retained, from the site itself. Rejects with WP3010 when the server is closed. */
  publish(topic: string, message: object): Promise<void> {
    return this.#publishBytes(topic, Buffer.from(JSON.stringify(message)));
  }

  /** To one client; resolves when it has confirmed everything it was sent. Rejects with WP3010 or WP3405. */
  async deliver(client: string, topic: string, payload: Buffer): Promise<void> {
    await this.#publishBytes(topic, payload);
    await this.#confirmations.settled(client);
  }

  #publishBytes(topic: string, payload: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#publishPacket({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  #publishPacket(packet: PublishPacket, done: (error?: Error | null) => void): void {
    if (this.#aedes === null) done(new WatchpostError('WP3010'));
    else this.#aedes.publish(packet, done);
  }

  #handle(arrival: Arrival): Client | null {
    this.#parts.guard.arrived(arrival);
    const client = this.#aedes?.handle(arrival.stream) ?? null;
    if (client !== null) this.#repeatedFilters.watch(client);
    return client;
  }

  #file(client: string, code: 'WP3101' | 'WP3102', payload: Buffer): void {
    this.#parts.ingest
      .refuse({ client, topic: '', payload }, { code, detail: 'before it was read' })
      .catch((error) => this.#parts.log.error({ client, error: String(error) }, 'mqtt.not-filed'));
  }

  /** What throws here would end the process: aedes emits from within its parser. */
  #listen(aedes: Aedes, hooks: Hooks): void {
    const { presence, guard, topicLimits, log } = this.#parts;
    const withDevice = (client: Client, act: (address: DeviceAddress) => void) =>
      hooks.shield(client, () => {
        const identity = guard.identity(client);
        if (identity.kind === 'device') act(identity.address);
      });
    aedes.on('connackSent', ({ returnCode }, client) => {
      if (returnCode === 0) this.#connections.connected(client);
    });
    aedes.on('client', (client) => this.#letIn.set(client.id, client));
    aedes.on('clientReady', (client) => withDevice(client, (address) => presence.connected(address, client)));
    aedes.on('clientDisconnect', (client) => {
      if (this.#letIn.get(client.id) === client) this.#letIn.delete(client.id);
      hooks.shield(client, () => this.#delivery.detach(client));
      this.#confirmations.look(client.id);
      withDevice(client, (address) => presence.disconnected(address, client));
    });
    aedes.on('ack', (_packet, client) => this.#confirmations.look(client.id));
    aedes.on('ping', (_packet, client) => withDevice(client, (address) => presence.heard(address)));
    aedes.on('subscribe', (subscriptions, client) =>
      hooks.shield(client, () => this.#repeatedFilters.subscribed(client, subscriptions)),
    );
    aedes.on('subscribe', (subscriptions, client) =>
      withDevice(client, (address) => {
        const down = downTopic(address, 'receipt');
        if (subscriptions.some(({ topic }) => filterCovers(topic, down))) this.#parts.onSubscribed(address);
      }),
    );
    aedes.on('unsubscribe', (filters, client) => {
      this.#delivery.unsubscribed(client, filters);
      topicLimits.unsubscribe(client, filters);
    });
    for (const event of ['connectionError', 'clientError'] as const) {
      aedes.on(event, (client, error) => {
        this.#parts.refusals.ended(client.conn, error, { client: client.id });
      });
    }
    const engine: EventEmitter = aedes;
    engine.on('error', (error) => log.error({ code: 'WP3104', error: String(error) }, 'mqtt.engine-error'));
  }

  #noteTakeover(client: Client): void {
    const earlier = this.#letIn.get(client.id);
    if (earlier === undefined || earlier === client || earlier.closed) return;
    this.#parts.takeovers.note(client.id, this.#parts.guard.addressOf(client));
  }

  #tlsRefused(refusal: TlsRefusal): void {
    const { code, detail, address, vouchedName } = refusal;
    this.#parts.refusals.note(code, { address, detail });
    if (vouchedName !== null) this.#parts.onVouchedRefused(refusal);
  }
}

function filterCovers(filter: string, topic: string): boolean {
  return filter === topic || (filter.endsWith('/#') && topic.startsWith(filter.slice(0, -1)));
}
