import type { Duplex } from 'node:stream';
import type { Aedes, AedesPublishPacket, Client, ConnectPacket } from 'aedes';
import { type Identity, NOBODY } from '#broker/auth/identity.ts';
import type { TopicAccess } from '#broker/auth/topic-access.ts';
import type { Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { uuidv7 } from '#contract/uuid.ts';
import type { Arrival } from './arrival.ts';
import type { Identification } from './identification.ts';
import type { ServerMetrics } from './metrics.ts';

export interface GuardParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ServerMetrics;
  readonly identification: Identification;
  readonly topics: TopicAccess;
}

const CLIENT_ID_MAX = 128;
/** CONNACK with return code 2 (MQTT 3.1.1 §3.2.2.3). */
const IDENTIFIER_REJECTED = Buffer.from([0x20, 2, 0, 2]);
/** What may wait in the socket of a subscriber before it is ended (QoS 1, 2) or misses messages (QoS 0). */
export const LAG_MAX_BYTES = 4 * 1024 * 1024;
/** aedes waits for a socket that is full, and everybody with it: so that it is full only after the guard has acted. */
export const SOCKET_HIGH_WATER_BYTES = LAG_MAX_BYTES + 1024 * 1024;

/** Who a connection is, and what it may hear. Every hook of aedes but the gate. */
export class ConnectionGuard {
  readonly #parts: GuardParts;
  /** Who each client is, or why it is refused: known from CONNECT on, and valid once it was let in. */
  readonly #claims = new WeakMap<Client, Identity | WatchpostError>();
  readonly #arrivals = new WeakMap<Duplex, Arrival>();

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** Before aedes hears of it. */
  arrived(arrival: Arrival): void {
    this.#arrivals.set(arrival.stream, arrival);
  }

  /** IP address of the other side; empty where it is not known. */
  addressOf(client: Client): string {
    return this.#arrivals.get(client.conn)?.address ?? '';
  }

  identity(client: Client): Identity {
    const claim = this.#claims.get(client);
    return claim === undefined || claim instanceof WatchpostError ? NOBODY : claim;
  }

  /** Whether this client, who need not be here, may have this subscription. */
  admits(clientId: string, filter: string): boolean {
    const { identification, topics } = this.#parts;
    return topics.refuseSubscribe(identification.ofSession(clientId), filter) === null;
  }

  /**
   * An empty client id is legal with a clean session [MQTT-3.1.3-6]; it gets a name of its own. A device's session is
   * clean whatever it asks for: the journal alone resends, and no command may wait in a queue for its return.
   */
  preConnect: Aedes['preConnect'] = (client, packet, callback) => {
    this.#guarded(client, () => {
      const refused = refuseName(packet);
      if (packet.clientId === '') packet.clientId = `anonymous-${uuidv7(this.#parts.clock)}`;
      const claim = this.#parts.identification.identify(this.#arrivals.get(client.conn), packet);
      this.#claims.set(client, claim);
      if (!(claim instanceof WatchpostError) && claim.kind === 'device') packet.clean = true;
      if (refused === null) callback(null, true);
      else this.#cut(client, refused, () => callback(refused, false));
    });
  };

  authenticate: Aedes['authenticate'] = (client, _username, _password, callback) => {
    this.#guarded(client, () => {
      const claim = this.#claims.get(client) ?? new WatchpostError('WP3300', { detail: client.id });
      if (!(claim instanceof WatchpostError)) return callback(null, true);
      this.#note(client, claim.code, { detail: claim.detail });
      callback(Object.assign(claim, { returnCode: 5 }), false);
    });
  };

  authorizeSubscribe: Aedes['authorizeSubscribe'] = (client, subscription, callback) => {
    this.#guarded(client, () => {
      const code = this.#parts.topics.refuseSubscribe(this.identity(client), subscription.topic);
      if (code === null) return callback(null, subscription);
      this.#note(client, code, { filter: subscription.topic });
      callback(null, null);
    });
  };

  authorizeForward: Aedes['authorizeForward'] = (client, packet) => {
    if (client.conn.writableLength <= LAG_MAX_BYTES || isDrained(packet)) return packet;
    const reason = packet.qos === 0 ? 'dropped' : 'ended';
    this.#parts.metrics.notForwarded.inc({ reason });
    if (packet.qos > 0) this.#endLagging(client);
    return null;
  };

  /** A hook that throws costs its own client the connection, and others nothing. */
  #guarded(client: Client, hook: () => void): void {
    try {
      hook();
    } catch (cause) {
      this.#parts.log.error({ client: client.id, code: 'WP3104', error: String(cause) }, 'mqtt.hook-failed');
      client.conn.destroy();
    }
  }

  #endLagging(client: Client): void {
    if (client.conn.destroyed) return;
    this.#note(client, 'WP3107');
    client.conn.destroy();
  }

  #note(client: Client, code: ErrorCode, more: object = {}): void {
    this.#parts.metrics.refused.inc({ reason: code });
    this.#parts.log.warn({ client: client.id, code, ...more }, 'mqtt.refused');
  }

  #cut(client: Client, error: WatchpostError, answer: () => void): void {
    this.#note(client, error.code);
    client.conn.end(IDENTIFIER_REJECTED);
    answer();
  }
}

function refuseName({ clientId, clean }: ConnectPacket): WatchpostError | null {
  if (clientId.length > CLIENT_ID_MAX)
    return new WatchpostError('WP3103', { detail: `${clientId.length} characters` });
  // [MQTT-3.1.3-8]
  if (clientId === '' && clean === false)
    return new WatchpostError('WP3103', { detail: 'empty, with a session to keep' });
  return null;
}

/** From a session's queue, where the queue itself waits for acknowledgements: it has its packet id already. */
const isDrained = (packet: AedesPublishPacket): boolean => packet.messageId !== undefined;
