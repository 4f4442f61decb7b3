import { type EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import { identityOf } from '#broker/auth/device-access.ts';
import type { StoredPacket } from '#broker/persistence/mqtt-packet.ts';
import type { MqttPersistence } from '#broker/persistence/mqtt-persistence.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { downTopic } from '#contract/topics.ts';
import { type ConnectionGuard, SOCKET_HIGH_WATER_BYTES } from './connection-guard.ts';
import { type FrameVerdict, limitFrames } from './frame-limit.ts';
import type { IngestGate, Publisher } from './gate.ts';
import type { Ingest } from './ingest.ts';
import type { ServerMetrics } from './metrics.ts';
import type { Presence } from './presence.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes one that is free. */
  readonly port: number;
}

/** PEM texts: the broker's own key and certificate, and the authority that signs devices. */
export interface TlsAddress extends ListenAddress {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export interface MqttServerParts {
  readonly persistence: MqttPersistence;
  readonly guard: ConnectionGuard;
  readonly gate: IngestGate;
  readonly ingest: Ingest;
  readonly presence: Presence;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly onSubscribed: (address: DeviceAddress) => void;
  readonly maxConnections?: number;
  readonly maxPacketBytes?: number;
}

const MAX_CONNECTIONS = 5000;
/** Above the 64 KiB of an envelope or a piece, so that what is somewhat too large is filed as such. */
const MAX_PACKET_BYTES = 256 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Listeners and the MQTT engine (aedes) behind the guard and the gate. */
export class MqttServer {
  readonly #parts: MqttServerParts;
  #aedes: Aedes | null = null;
  #listeners: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(parts: MqttServerParts) {
    this.#parts = parts;
  }

  /** Starts the engine and publishes the wills that a crash has left. Nobody can connect yet. */
  async start(): Promise<void> {
    const { persistence, guard } = this.#parts;
    const aedes = new Aedes({
      persistence,
      // No cap: with one, a hundred deliveries that wait hold up all others.
      concurrency: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxClientsIdLength: 128,
      preConnect: guard.preConnect,
      authenticate: guard.authenticate,
      authorizeSubscribe: guard.authorizeSubscribe,
      authorizeForward: guard.authorizeForward,
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
    });
    this.#aedes = aedes;
    this.#listen(aedes);
    await aedes.listen();
    await this.#publishLeftWills(aedes);
  }

  /** Opens a listener; plain MQTT only on loopback. Answers the port. Throws WP3105 or WP3106. */
  async open(address: ListenAddress | TlsAddress): Promise<number> {
    if (!('key' in address) && !LOOPBACK.has(address.host))
      throw new WatchpostError('WP3106', { detail: address.host });
    const options = { highWaterMark: SOCKET_HIGH_WATER_BYTES, noDelay: true };
    const accept = (socket: Socket) => this.#accept(socket);
    const server =
      'key' in address
        ? createTlsServer({ ...options, ...tlsOptions(address) }, accept)
        : createServer(options, accept);
    server.maxConnections = this.#parts.maxConnections ?? MAX_CONNECTIONS;
    server.on('drop', () => this.#parts.metrics.refused.inc({ reason: 'full' }));
    server.on('tlsClientError', (error) => this.#refused('WP3102', { error: String(error) }));
    this.#listeners.push(server);
    return listenOn(server, address);
  }

  /** Ends listeners, connections and the engine. Idempotent. */
  async close(): Promise<void> {
    const aedes = this.#aedes;
    const listeners = this.#listeners;
    this.#aedes = null;
    this.#listeners = [];
    const closed = listeners.map((server) => new Promise((resolve) => server.close(resolve)));
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
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

  #accept(socket: Socket): void {
    const { metrics, maxPacketBytes = MAX_PACKET_BYTES } = this.#parts;
    this.#sockets.add(socket);
    metrics.connections.inc();
    socket.on('close', () => {
      this.#sockets.delete(socket);
      metrics.connections.dec();
    });
    socket.on('error', () => socket.destroy());
    const client = this.#aedes?.handle(socket);
    limitFrames(socket, maxPacketBytes, (verdict, head) =>
      this.#oversize(client?.id ?? '', socket, verdict, head),
    );
  }

  #oversize(id: string, socket: Socket, verdict: FrameVerdict, head: Buffer): void {
    const code = verdict === 'too-large' ? 'WP3101' : 'WP3102';
    this.#refused(code, { client: id });
    socket.destroy();
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
    aedes.on('clientReady', (client) => withDevice(client, (address) => presence.connected(address, client)));
    aedes.on('clientDisconnect', (client) => {
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

  /** aedes would wait until its clean-up comes round, minutes later; a device's "offline" should not. */
  async #publishLeftWills(aedes: Aedes): Promise<void> {
    const wills: StoredPacket[] = await this.#parts.persistence.streamWill({ [aedes.id]: 1 }).toArray();
    for (const will of wills) {
      await this.#publishWill(aedes, will).catch((error) =>
        this.#parts.log.error({ client: will.clientId, error: String(error) }, 'mqtt.will-failed'),
      );
    }
  }

  async #publishWill(aedes: Aedes, will: StoredPacket): Promise<void> {
    const id = will.clientId ?? '';
    const packet: PublishPacket = {
      cmd: 'publish',
      topic: will.topic ?? '',
      payload: will.payload ?? '',
      qos: will.qos === 2 ? 2 : will.qos === 1 ? 1 : 0,
      retain: will.retain ?? false,
      dup: false,
    };
    await this.#parts.persistence.delWill({ id });
    await new Promise<void>((resolve, reject) => {
      this.#parts.gate.pass({ id, identity: identityOf(id), client: null }, packet, (error) => {
        if (error) reject(error);
        else aedes.publish(packet, (failed) => (failed ? reject(failed) : resolve()));
      });
    });
  }

  #refused(code: ErrorCode, fields: object): void {
    this.#parts.metrics.refused.inc({ reason: code });
    this.#parts.log.warn({ code, ...fields }, 'mqtt.refused');
  }
}

const tlsOptions = ({ key, cert, ca }: TlsAddress) =>
  ({ key, cert, ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }) as const;

async function listenOn(server: Server, { host, port }: ListenAddress): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new WatchpostError('WP3105', { detail: `${host}:${port}: ${String(cause)}`, cause });
  }
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}

/** Whose last will this is, when aedes comes across one of a connection that is long gone. */
function absent(packet: PublishPacket): Publisher {
  const id = 'clientId' in packet && typeof packet.clientId === 'string' ? packet.clientId : '';
  return { id, identity: identityOf(id), client: null };
}

function filterCovers(filter: string, topic: string): boolean {
  return filter === topic || (filter.endsWith('/#') && topic.startsWith(filter.slice(0, -1)));
}
