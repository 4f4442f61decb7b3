import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { MqttPersistence } from '#broker/persistence/mqtt-persistence.ts';
import type { Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { downTopic } from '#contract/topics.ts';
import type { Arrival } from './arrival.ts';
import type { ConnectionGuard } from './connection-guard.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { type FrameVerdict, limitFrames } from './frame-limit.ts';
import type { IngestGate } from './gate.ts';
import type { Ingest } from './ingest.ts';
import { absent, LeftWills } from './left-wills.ts';
import { type ListenAddress, Listeners, type TlsAddress } from './listeners.ts';
import type { ServerMetrics } from './metrics.ts';
import type { Presence } from './presence.ts';
import type { Takeovers } from './takeovers.ts';
import type { TlsRefusal, TlsStatus } from './tls-port.ts';

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
  readonly onSubscribed: (address: DeviceAddress) => void;
  readonly limits: ConnectionLimits;
}

/** Listeners and the MQTT engine (aedes) behind the guard and the gate. */
export class MqttServer {
  readonly #parts: MqttServerParts;
  #aedes: Aedes | null = null;
  readonly #listeners: Listeners;
  readonly #streams = new Set<Duplex>();
  readonly #letIn = new Map<string, Client>();

  constructor(parts: MqttServerParts) {
    this.#parts = parts;
    this.#listeners = new Listeners({
      onArrival: (arrival) => this.accept(arrival),
      onTlsRefused: (refusal) => this.#tlsRefused(refusal),
      onFull: () => parts.metrics.refused.inc({ reason: 'full' }),
      maxConnections: parts.limits.inAll,
      handshakeTimeoutMs: parts.limits.connectTimeoutS * 1000,
      ...{ clock: parts.clock, log: parts.log },
    });
  }

  /** Starts the engine and publishes the wills that a crash has left. Nobody can connect yet. */
  async start(): Promise<void> {
    const { persistence, guard, gate, limits, log } = this.#parts;
    const aedes = new Aedes({
      persistence,
      // No cap: with one, a hundred deliveries that wait hold up all others.
      concurrency: 0,
      connectTimeout: limits.connectTimeoutS * 1000,
      maxClientsIdLength: 128,
      preConnect: guard.preConnect,
      authenticate: (client, username, password, done) =>
        guard.authenticate(client, username, password, (error, isLetIn) => {
          if (isLetIn) this.#noteTakeover(client);
          done(error, isLetIn);
        }),
      authorizeSubscribe: guard.authorizeSubscribe,
      authorizeForward: guard.authorizeForward,
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
    });
    this.#aedes = aedes;
    this.#listen(aedes);
    await aedes.listen();
    await new LeftWills({ aedes, persistence, gate, log }).publish();
  }

  /** Opens a listener; plain MQTT only on loopback. Answers the port. Throws WP3105 or WP3106. */
  open(address: ListenAddress | TlsAddress): Promise<number> {
    return this.#listeners.open(address);
  }

  /** Somebody is about to speak MQTT, on one of the listeners or over a WebSocket. */
  accept(arrival: Arrival): void {
    const { metrics, limits, guard } = this.#parts;
    const { stream } = arrival;
    guard.arrived(arrival);
    this.#streams.add(stream);
    metrics.connections.inc();
    stream.on('close', () => {
      this.#streams.delete(stream);
      metrics.connections.dec();
    });
    stream.on('error', () => stream.destroy());
    const client = this.#aedes?.handle(stream);
    limitFrames(stream, limits.packetBytes, (verdict, head) =>
      this.#oversize(client?.id ?? '', stream, verdict, head),
    );
  }

  /** Reads keys, certificates and revocations again. */
  reloadTls(): void {
    this.#listeners.reloadTls();
  }

  /** Null where nothing listens with TLS. */
  get tlsStatus(): TlsStatus | null {
    return this.#listeners.tlsStatus;
  }

  /** Ends listeners, connections and the engine. Idempotent. */
  async close(): Promise<void> {
    const aedes = this.#aedes;
    this.#aedes = null;
    const closed = this.#listeners.close();
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const stream of this.#streams) stream.destroy();
    await closed;
  }

  /** QoS 1, never retained, from the site itself. Rejects with WP3010 when the server is closed. */
  publish(topic: string, message: object): Promise<void> {
    const aedes = this.#aedes;
    if (aedes === null) return Promise.reject(new WatchpostError('WP3010'));
    const payload = Buffer.from(JSON.stringify(message));
    return new Promise((resolve, reject) => {
      aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  #authorizePublish(
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    const { gate, guard } = this.#parts;
    if (client === null) gate.pass(absent(packet), packet, done);
    else {
      const connected = client.closed ? null : client;
      gate.pass({ id: client.id, identity: guard.identity(client), client: connected }, packet, done);
    }
  }

  #oversize(id: string, stream: Duplex, verdict: FrameVerdict, head: Buffer): void {
    const code = verdict === 'too-large' ? 'WP3101' : 'WP3102';
    this.#refused(code, { client: id });
    stream.destroy();
    this.#parts.ingest
      .refuse({ client: id, topic: '', payload: head.subarray(0, 1024) }, { code, detail: verdict })
      .catch((error) => this.#parts.log.error({ client: id, error: String(error) }, 'mqtt.not-filed'));
  }

  #listen(aedes: Aedes): void {
    const { presence, guard, log } = this.#parts;
    const withDevice = (client: Client, act: (address: DeviceAddress) => void) => {
      const identity = guard.identity(client);
      if (identity.kind === 'device') act(identity.address);
    };
    aedes.on('client', (client) => this.#letIn.set(client.id, client));
    aedes.on('clientReady', (client) => withDevice(client, (address) => presence.connected(address, client)));
    aedes.on('clientDisconnect', (client) => {
      if (this.#letIn.get(client.id) === client) this.#letIn.delete(client.id);
      this.#parts.persistence.release(client.id);
      withDevice(client, (address) => presence.disconnected(address, client));
    });
    aedes.on('ping', (_packet, client) => withDevice(client, (address) => presence.heard(address)));
    aedes.on('subscribe', (subscriptions, client) =>
      withDevice(client, (address) => {
        const down = downTopic(address, 'receipt');
        if (subscriptions.some(({ topic }) => filterCovers(topic, down))) this.#parts.onSubscribed(address);
      }),
    );
    aedes.on('connectionError', (_client, error) => this.#refused('WP3102', { error: String(error) }));
    aedes.on('clientError', (client, error) =>
      log.debug({ client: client.id, error: String(error) }, 'mqtt.client-error'),
    );
    const engine: EventEmitter = aedes;
    engine.on('error', (error) => log.error({ code: 'WP3104', error: String(error) }, 'mqtt.engine-error'));
    aedes.on('keepaliveTimeout', (client) => log.info({ client: client.id }, 'mqtt.silent'));
  }

  #noteTakeover(client: Client): void {
    const earlier = this.#letIn.get(client.id);
    if (earlier === undefined || earlier === client || earlier.closed) return;
    this.#parts.takeovers.note(client.id, this.#parts.guard.addressOf(client));
  }

  #tlsRefused(refusal: TlsRefusal): void {
    const { code, detail, address, vouchedName } = refusal;
    this.#refused(code, { address, detail });
    if (vouchedName !== null) this.#parts.onVouchedRefused(refusal);
  }

  #refused(code: ErrorCode, fields: object): void {
    this.#parts.metrics.refused.inc({ reason: code });
    this.#parts.log.warn({ code, ...fields }, 'mqtt.refused');
  }
}

function filterCovers(filter: string, topic: string): boolean {
  return filter === topic || (filter.endsWith('/#') && topic.startsWith(filter.slice(0, -1)));
}
