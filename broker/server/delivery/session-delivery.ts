import type { AedesPublishPacket, Client } from 'aedes';
import type { MqttPersistence, Pump } from '#broker/persistence/sessions/mqtt-persistence.ts';
import type { Outgoing, Session } from '#broker/persistence/sessions/session.ts';
import type { SessionEnd } from '#broker/persistence/sessions/session-store.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { LeftWills } from './left-wills.ts';
import { FrameWriter } from './publish-frame.ts';

export interface SessionDeliveryParts {
  readonly persistence: MqttPersistence;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly wills: LeftWills;
}

/**
 * The pump: everything of QoS 1 and 2 goes to subscribers on this one path, in the order of their session's queue and
 * no further ahead of their acknowledgements than the window. What aedes would send by itself is held back.
 */
export class SessionDelivery implements Pump<Client> {
  readonly #parts: SessionDeliveryParts;
  /** By client id, those whose CONNACK is out. */
  readonly #clients = new Map<string, Client>();
  readonly #keepalives = new WeakMap<object, number>();
  readonly #pending = new Map<Client, Outgoing[]>();
  readonly #due = new Set<Session>();
  readonly #writer = new FrameWriter();
  #immediate: NodeJS.Immediate | null = null;

  constructor(parts: SessionDeliveryParts) {
    this.#parts = parts;
  }

  /** From CONNECT; its will may outlive it. */
  connecting(client: Client, keepaliveS: number): void {
    this.#keepalives.set(client, keepaliveS);
  }

  keepaliveS(client: object): number {
    return this.#keepalives.get(client) ?? 0;
  }

  keepsWill(client: string): boolean {
    return this.#parts.wills.keeps(client);
  }

  ownsWill(client: string): void {
    this.#parts.wills.ownerIsBack(client);
  }

  /** The one that was attached under the same name is being closed by aedes [MQTT-3.1.4-2]. */
  attach(client: Client): void {
    const before = this.#clients.get(client.id);
    if (before !== undefined) this.detach(before);
    this.#clients.set(client.id, client);
    client.conn.once('close', () => this.detach(client));
    if (client.clean) this.#begin(this.#parts.persistence.sessions.begin(client.id));
    else this.#resume(client).catch((error) => this.#failed(client, error));
  }

  /** Idempotent. */
  detach(client: Client): void {
    this.#pending.delete(client);
    if (this.#clients.get(client.id) !== client) return;
    this.#clients.delete(client.id);
    const { sessions } = this.#parts.persistence;
    const session = sessions.get(client.id);
    if (session !== undefined) sessions.disconnected(session);
  }

  isAttached(client: Client): boolean {
    return this.#clients.get(client.id) === client;
  }

  /** Why this client cannot have a session that is kept, or null. */
  refuseSession({ id, clean }: Client): WatchpostError | null {
    const { sessions } = this.#parts.persistence;
    if (clean || sessions.isKept(id) || sessions.keptCount < sessions.limits.sessions) return null;
    return new WatchpostError('WP3112', { detail: `${sessions.keptCount} are kept` });
  }

  /** aedes has granted this to a clean client; to others it is granted by the persistence. */
  subscribed(client: Client, subscription: { readonly topic: string; readonly qos: number }): void {
    if (client.clean && this.isAttached(client)) this.#parts.persistence.addClean(client.id, subscription);
  }

  /** A subscription that was stored when it was allowed ends with the right to it. */
  refused(client: Client, topic: string): void {
    if (client.clean) return;
    this.#parts.persistence
      .removeSubscriptions(client, [topic])
      .catch((error) => this.#failed(client, error));
  }

  unsubscribed(client: Client, topics: readonly string[]): void {
    if (client.clean && this.isAttached(client)) this.#parts.persistence.removeClean(client.id, topics);
  }

  /**
   * What aedes may still deliver: QoS 0, which a message also is for whoever has subscribed with QoS 0 alone; to
   * nobody before CONNACK [MQTT-3.2.0-1].
   */
  forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    if (!this.isAttached(client)) return null;
    if (packet.qos === 0) return packet;
    const { persistence } = this.#parts;
    if (persistence.granted(client.id, packet.topic) === 0) return Object.assign(packet, { qos: 0 });
    // aedes takes the name from retained messages that answer a SUBSCRIBE, and from no others.
    if (packet.retain && !packet.brokerId) {
      persistence.enqueueRetained(client.id, packet).catch((error) => this.#failed(client, error));
    }
    return null;
  }

  /** Collected for the length of one turn, so that what was committed together is one write. */
  send(session: Session, outgoing: Outgoing): void {
    const client = this.#clients.get(session.client);
    if (client === undefined) return;
    const pending = this.#pending.get(client);
    if (pending !== undefined) pending.push(outgoing);
    else {
      this.#pending.set(client, [outgoing]);
      queueMicrotask(() => this.#write(client));
    }
  }

  due(session: Session): void {
    this.#due.add(session);
    this.#immediate ??= setImmediate(() => this.#work());
  }

  ended(session: Session, reason: SessionEnd): void {
    this.#due.delete(session);
    const client = this.#clients.get(session.client);
    if (client === undefined || reason === 'clean') return;
    this.#clients.delete(session.client);
    this.#pending.delete(client);
    client.conn.destroy(new WatchpostError(session.isKept ? 'WP3110' : 'WP3107', { detail: session.client }));
  }

  close(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    this.#due.clear();
    this.#pending.clear();
  }

  async #resume(client: Client): Promise<void> {
    const { persistence, log } = this.#parts;
    const session = await persistence.sessions.connected(client.id).catch((error) => {
      // With a full disk what waits can still be brought; only DUP may be wrong after a crash.
      const known = persistence.sessions.get(client.id);
      if (known === undefined) throw error;
      log.warn({ client: client.id, error: String(error) }, 'session.not-noted');
      return known;
    });
    if (!this.isAttached(client)) return;
    // It ended while this client connected, who must not be left believing that it has one.
    if (session === undefined) throw new WatchpostError('WP3104', { detail: 'the session has ended' });
    this.#begin(session);
  }

  #begin(session: Session): void {
    session.connect();
    this.due(session);
  }

  #work(): void {
    this.#immediate = null;
    const due = [...this.#due];
    this.#due.clear();
    for (const session of due) this.#pump(session);
  }

  #pump(session: Session): void {
    const client = this.#clients.get(session.client);
    if (client === undefined || session.isEnded) return;
    this.#write(client);
    try {
      const taken = session.take();
      this.#put(client, taken);
    } catch (error) {
      this.#failed(client, error);
    }
  }

  #write(client: Client): void {
    const pending = this.#pending.get(client);
    if (pending === undefined) return;
    this.#pending.delete(client);
    this.#put(client, pending);
  }

  #put({ conn }: Client, packets: readonly Outgoing[]): void {
    if (packets.length === 0 || conn.destroyed) return;
    for (const { message } of packets) {
      this.#parts.metrics.messages.inc({ direction: 'out', qos: message.qos });
    }
    conn.cork();
    this.#writer.write(packets, (bytes, done) => conn.write(bytes, done));
    conn.uncork();
  }

  /** Its queue is as it was: it gets everything when it comes again. */
  #failed(client: Client, error: unknown): void {
    this.#parts.log.error({ client: client.id, code: 'WP3104', error: String(error) }, 'session.failed');
    client.conn.destroy(new WatchpostError('WP3104', { cause: error }));
  }
}
