import type { Duplex } from 'node:stream';
import type { Aedes, Client, ConnectPacket } from 'aedes';
import { type Identity, NOBODY } from '#broker/auth/identity.ts';
import type { Person } from '#broker/auth/roles.ts';
import type { TopicAccess } from '#broker/auth/topic-access.ts';
import type { Clock, MonoMs } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import { uuidv7 } from '#contract/uuid.ts';
import type { Arrival, SignInByConnect } from './arrival.ts';
import type { Identification } from './identification.ts';
import type { Refusals } from './limits/refusals.ts';
import type { ServerMetrics } from './metrics.ts';

export interface GuardParts {
  readonly clock: Clock;
  readonly metrics: ServerMetrics;
  readonly refusals: Refusals;
  readonly identification: Identification;
  readonly topics: TopicAccess;
  /** A person or a service has subscribed to what brings pictures and sound. */
  readonly onEvidenceHeard: (who: string, filter: string) => void;
}

const CLIENT_ID_MAX = 128;
/** A service that comes again and again is written down once in this time for what it hears. */
const SERVICE_AGAIN_MS = 86_400_000;
/** What services hear is remembered for this many; the one written down longest ago is forgotten first. */
const SERVICES_REMEMBERED = 1000;
/** CONNACK with return code 2 (MQTT 3.1.1 §3.2.2.3). */
const IDENTIFIER_REJECTED = Buffer.from([0x20, 2, 0, 2]);
/** What may wait in the socket of a subscriber before it misses messages of QoS 0. */
export const LAG_MAX_BYTES = 4 * 1024 * 1024;
/** aedes waits for a socket that is full, and everybody with it: so that it is full only after the guard has acted. */
export const SOCKET_HIGH_WATER_BYTES = LAG_MAX_BYTES + 1024 * 1024;

/** Who a connection is, and what it may hear. Its hooks are called by `Hooks`, which catches what they throw. */
export class ConnectionGuard {
  readonly #parts: GuardParts;
  /** Who each client is, or why it is refused: known from CONNECT on, and valid once it was let in. */
  readonly #claims = new WeakMap<Client, Identity | WatchpostError>();
  readonly #arrivals = new WeakMap<Duplex, Arrival>();
  /** By client id and filter. */
  readonly #servicesNoted = new Map<string, MonoMs>();

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

  /** Who a client is that is not here: the owner of a session, or of a will that is left. */
  absent(clientId: string): Identity {
    return this.#parts.identification.ofSession(clientId);
  }

  /** Whether this client, who need not be here, may have this subscription. */
  admits(clientId: string, filter: string): boolean {
    return this.#parts.topics.refuseSubscribe(this.absent(clientId), filter) === null;
  }

  /**
   * An empty client id is legal with a clean session [MQTT-3.1.3-6]; it gets a name of its own. A device's session is
   * clean whatever it asks for: the journal alone resends, and no command may wait in a queue for its return.
   */
  preConnect: Aedes['preConnect'] = (client, packet, callback) => {
    const arrival = this.#arrivals.get(client.conn);
    if (arrival?.credentials.kind !== 'person' || arrival.credentials.person !== null) {
      this.#judge(client, packet, callback);
      return;
    }
    signInBy(packet, arrival.credentials.signIn)
      .then((person) => {
        if (person instanceof WatchpostError) {
          this.#claims.set(client, person);
          return callback(null, true);
        }
        this.#arrivals.set(client.conn, { ...arrival, credentials: { kind: 'person', person } });
        this.#judge(client, packet, callback);
      })
      .catch((cause) => {
        this.#note(client, cause instanceof WatchpostError ? cause.code : 'WP3104', { error: String(cause) });
        client.conn.destroy();
      });
  };

  #judge(client: Client, packet: ConnectPacket, callback: PreConnected): void {
    const refused = refuseName(packet);
    const arrival = this.#arrivals.get(client.conn);
    if (packet.clientId === '') packet.clientId = `${nameless(arrival)}${uuidv7(this.#parts.clock)}`;
    const claim = this.#parts.identification.identify(arrival, packet);
    this.#claims.set(client, claim);
    // Nor does anything wait for a page or a tool of somebody who may have another role by the time it is back.
    const isWeb = arrival?.credentials.kind === 'person';
    if (!(claim instanceof WatchpostError) && (claim.kind === 'device' || isWeb)) packet.clean = true;
    if (refused === null) callback(null, true);
    else this.#cut(client, refused, () => callback(refused, false));
  }

  authenticate: Aedes['authenticate'] = (client, _username, _password, callback) => {
    const claim = this.#claims.get(client) ?? new WatchpostError('WP3300', { detail: client.id });
    if (!(claim instanceof WatchpostError)) return callback(null, true);
    this.#note(client, claim.code, { detail: claim.detail });
    callback(Object.assign(claim, { returnCode: claim.code === 'WP3351' ? 4 : 5 }), false);
  };

  authorizeSubscribe: Aedes['authorizeSubscribe'] = (client, subscription, callback) => {
    const code = this.#parts.topics.refuseSubscribe(this.identity(client), subscription.topic);
    if (code === null) {
      this.#noteListener(client, subscription.topic);
      return callback(null, subscription);
    }
    this.#parts.refusals.note(code, { client: client.id, filter: subscription.topic.slice(0, 200) });
    callback(null, null);
  };

  /** Only QoS 0 comes here: what is of more goes by the window of its session. */
  authorizeForward: Aedes['authorizeForward'] = (client, packet) => {
    if (client.conn.writableLength <= LAG_MAX_BYTES) return packet;
    this.#parts.metrics.notForwarded.inc({ reason: 'dropped' });
    return null;
  };

  /** Pictures that go to somebody are views of them, and views are written down. */
  #noteListener(client: Client, filter: string): void {
    if (!hearsEvidence(filter)) return;
    const identity = this.identity(client);
    if (identity.kind === 'person') this.#parts.onEvidenceHeard(identity.person.name, filter);
    if (identity.kind !== 'service' || identity.name === null) return;
    if (this.#isNews(`${client.id} ${filter}`)) this.#parts.onEvidenceHeard(client.id, filter);
  }

  #isNews(key: string): boolean {
    const nowMs = this.#parts.clock.monoMs();
    const notedMs = this.#servicesNoted.get(key);
    if (notedMs !== undefined && nowMs - notedMs < SERVICE_AGAIN_MS) return false;
    this.#servicesNoted.delete(key);
    this.#servicesNoted.set(key, nowMs);
    const [oldest] = this.#servicesNoted.keys();
    if (this.#servicesNoted.size > SERVICES_REMEMBERED && oldest !== undefined) {
      this.#servicesNoted.delete(oldest);
    }
    return true;
  }

  #note(client: Client, code: ErrorCode, more: object = {}): void {
    this.#parts.refusals.ends(client.conn, code, { client: client.id, ...more });
  }

  #cut(client: Client, error: WatchpostError, answer: () => void): void {
    this.#note(client, error.code);
    client.conn.end(IDENTIFIER_REJECTED);
    answer();
  }
}

type PreConnected = Parameters<Aedes['preConnect']>[2];

/** A name and a secret, or a reason why not. [MQTT-3.1.2-22]: no password without a user name. */
async function signInBy(
  { username, password }: ConnectPacket,
  signIn: SignInByConnect,
): Promise<Person | WatchpostError> {
  if (username === undefined || username === '' || password === undefined)
    return new WatchpostError('WP3350');
  return signIn(username, password.toString('utf8'));
}

/** What the name of somebody begins with who gives none. */
function nameless(arrival: Arrival | undefined): string {
  const person = arrival?.credentials.kind === 'person' ? arrival.credentials.person : null;
  return person === null ? 'anonymous-' : `user.${person.name}.`;
}

const EVIDENCE = ['wp', '1', '', '', '', 'blob'];

/** Whether a filter brings pieces of evidence: `wp/1/{site}/{device}/up/blob/…`. */
function hearsEvidence(filter: string): boolean {
  const levels = filter.split('/');
  for (const [depth, expected] of EVIDENCE.entries()) {
    const level = levels[depth];
    if (level === '#') return true;
    if (level !== '+' && expected !== '' && level !== expected) return false;
  }
  return true;
}

function refuseName({ clientId, clean }: ConnectPacket): WatchpostError | null {
  if (clientId.length > CLIENT_ID_MAX)
    return new WatchpostError('WP3103', { detail: `${clientId.length} characters` });
  // [MQTT-3.1.3-8]
  if (clientId === '' && clean === false)
    return new WatchpostError('WP3103', { detail: 'empty, with a session to keep' });
  return null;
}
