import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { SiteDatabase } from '../store/database.ts';
import type { StoredPacket } from './mqtt-packet.ts';
import { QueueClock } from './queue-clock.ts';
import { queueLaneOf } from './queue-lane.ts';
import { type Outgoing, Session } from './session.ts';
import { Account } from './session-account.ts';
import { MemoryBacklog, type Queued } from './session-backlog.ts';
import type { SessionLimits } from './session-limits.ts';
import { RowBacklog, type SessionRow, SessionRows } from './session-rows.ts';

/** `limit`: it was over its limits with nothing left to shed; `expired`: gone too long; `clean`: as its client wished. */
export type SessionEnd = 'limit' | 'expired' | 'clean';
export const SESSION_ENDS: readonly SessionEnd[] = ['limit', 'expired', 'clean'];

/** Who brings messages to connected clients. */
export interface Delivery {
  /** This may go out at once. */
  send(session: Session, outgoing: Outgoing): void;
  /** Something waits, or there is room again. */
  due(session: Session): void;
  /** There is nothing more to bring. */
  ended(session: Session, reason: SessionEnd): void;
}

export interface SessionStoreParts {
  readonly store: SiteDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: SessionLimits;
  /** Of this session nothing is left. */
  readonly onForgotten: (session: Session) => void;
}

/** For whom, with the QoS of the delivery. */
export type Recipients = ReadonlyMap<string, number>;

const HOUR_S = 3600;

/** Sessions with their queues: those that are kept, in the database; clean ones, in memory while they are connected. */
export class SessionStore {
  /** Sums over the sessions that are kept, and over clean ones. */
  readonly kept = new Account(null);
  readonly clean = new Account(null);
  readonly queueClock: QueueClock;
  readonly rows: SessionRows;
  readonly ends: Record<SessionEnd, number> = { limit: 0, expired: 0, clean: 0 };
  readonly #parts: SessionStoreParts;
  readonly #sessions = new Map<string, Session>();
  /** Sessions with acknowledgements that are not yet taken from their rows. */
  readonly #settled = new Set<Session>();
  readonly #sweeping = new Set<number>();
  #keptCount = 0;
  #delivery: Delivery | null = null;
  #onGrown: (session: Session) => void = () => undefined;
  #immediate: NodeJS.Immediate | null = null;

  constructor(parts: SessionStoreParts) {
    const { store, clock, limits } = parts;
    this.#parts = parts;
    this.rows = new SessionRows(store);
    this.queueClock = new QueueClock(store, clock, Math.min(limits.ageH, limits.expiryH) / 2);
  }

  get limits(): SessionLimits {
    return this.#parts.limits;
  }

  get keptCount(): number {
    return this.#keptCount;
  }

  deliverWith(delivery: Delivery, onGrown: (session: Session) => void): void {
    this.#delivery = delivery;
    this.#onGrown = onGrown;
  }

  /** Reads the sessions and measures what waits. Whoever was connected when the broker ended is gone since now. */
  load(): void {
    this.queueClock.load();
    const sessions = new Map<number, { session: Session; row: SessionRow; highest: number }>();
    for (const row of this.rows.all()) {
      const session = this.#add(row.client, row.id);
      session.goneS = row.gone_s ?? this.queueClock.nowS();
      sessions.set(row.id, { session, row, highest: row.next_number - 1 });
    }
    const loads = Map.groupBy(this.rows.loads(), ({ session }) => session);
    for (const [id, { session, row, highest }] of sessions) {
      const lanes = loads.get(id) ?? [];
      const top = lanes.reduce((max, lane) => Math.max(max, lane.highest), highest);
      session.restore(top + 1, row.sent_to);
      const past = { acknowledged: row.acknowledged, age: row.dropped_age, limit: row.dropped_limit };
      session.account.restore(past, new Map(lanes.map(({ lane, load }) => [lane, load])));
      if (lanes.length > 0) session.oldestS = 0;
    }
    for (const id of this.rows.orphans()) this.#sweeping.add(id);
    this.#wake();
  }

  /** Writes down what is not. */
  close(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    for (const session of [...this.#sessions.values()]) if (session.isConnected) this.disconnected(session);
    this.#safely(() => this.#settle());
    this.#safely(() => this.#parts.store.commitLazily(() => this.queueClock.save()));
  }

  get(client: string): Session | undefined {
    return this.#sessions.get(client);
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  isKept(client: string): boolean {
    return this.#sessions.get(client)?.isKept ?? false;
  }

  /** Inside a commit: the session of a client that wants to be remembered, made when it is not there yet. */
  keep(client: string): void {
    if (this.isKept(client)) return;
    const id = this.rows.open(client, this.#now());
    // Without a pump (aedes alone) nobody waits for the commit before the session is used.
    if (this.#delivery === null) this.#add(client, id);
    else
      this.#parts.store.afterCommit(() => {
        if (!this.isKept(client)) this.#add(client, id);
      });
  }

  /** A session that ends with its connection. */
  begin(client: string): Session {
    return this.#add(client, null);
  }

  /** Ends one that is kept: its row and its subscriptions go at once, its queue bit by bit. Rejects when it cannot. */
  async end(session: Session, reason: SessionEnd): Promise<void> {
    const { id } = session;
    if (session.isEnded) return;
    if (id === null) return this.#forget(session, reason);
    await this.#parts.store.commit((sql) => {
      this.rows.end(id);
      sql.prepare('DELETE FROM mqtt_subscription WHERE client = ?').run(session.client);
      // A packet id that is known still would swallow what the next session sends with it.
      sql.prepare('DELETE FROM mqtt_incoming WHERE client = ?').run(session.client);
      this.#parts.store.afterCommit(() => {
        this.#forget(session, reason);
        this.#sweeping.add(id);
        this.#wake();
      });
    });
  }

  /** Inside a commit: queues the packet for each recipient; it goes out when that is committed. */
  enqueue(recipients: Recipients, packet: StoredPacket, retain: 'live' | 'retained' = 'live'): void {
    if (recipients.size === 0) return;
    const common = this.#commonOf(packet, retain);
    for (const [client, qos] of recipients) {
      if (this.#delivery === null) this.keep(client);
      const session = this.#sessions.get(client);
      if (session === undefined) continue;
      const message: Queued = { ...common, qos, number: session.takeNumber() };
      if (session.id !== null) {
        const name = { id: packet.brokerId ?? null, counter: packet.brokerCounter ?? null };
        this.rows.insert(session.id, message, this.#delivery === null ? name : NAMELESS);
      }
      this.#parts.store.afterCommit(() => this.#committed(session, message));
    }
  }

  /** Whether any of them is written down. */
  anyKept(recipients: Recipients): boolean {
    for (const client of recipients.keys()) if (this.#sessions.get(client)?.isKept !== false) return true;
    return false;
  }

  /** For clean sessions alone, where nothing has to be committed. */
  pass(recipients: Recipients, packet: StoredPacket): void {
    const common = this.#commonOf(packet, 'live');
    for (const [client, qos] of recipients) {
      const session = this.#sessions.get(client);
      if (session !== undefined) this.#committed(session, { ...common, qos, number: session.takeNumber() });
    }
  }

  /**
   * A client is there that wants to be remembered. Resolves with its session when that is written down: a crash from
   * then on does not hide that everything in its queue may have been sent.
   */
  async connected(client: string): Promise<Session | undefined> {
    await this.#parts.store.commit(() => {
      this.keep(client);
      this.rows.connected(client, this.#now());
    });
    return this.#sessions.get(client);
  }

  /** Its client is gone: a clean session ends. Idempotent. */
  disconnected(session: Session): void {
    if (session.isEnded) return;
    session.disconnect();
    if (session.id === null) this.#forget(session, 'clean');
    else this.#noteGone(session, session.id);
  }

  /** PUBACK or PUBCOMP. */
  acknowledge(session: Session, packetId: number): void {
    if (session.acknowledge(packetId) === undefined) return;
    if (session.isKept) {
      this.#settled.add(session);
      this.#wake();
    }
    if (session.account.waiting > 0) this.#delivery?.due(session);
  }

  /** PUBREC: resolves when the broker cannot forget it, for only then may PUBREL go out. */
  async received(session: Session, packetId: number): Promise<void> {
    const number = session.exactlyOnce(packetId);
    const { id } = session;
    if (number === undefined || id === null) return;
    await this.#parts.store.commit(() => this.rows.release(id, number, packetId));
  }

  /** RFC 3339, by the wall clock of now; null while it is connected. */
  expiresAt(session: Session): string | null {
    if (session.goneS === null) return null;
    const leftS = session.goneS + this.limits.expiryH * HOUR_S - this.queueClock.nowS();
    return new Date(this.#parts.clock.wallMs() + leftS * 1000).toISOString();
  }

  #noteGone(session: Session, id: number): void {
    const goneS = this.queueClock.nowS();
    session.goneS = goneS;
    this.#settled.add(session);
    this.#safely(() => {
      this.#settle();
      this.#parts.store.commitLazily(() => this.rows.gone(id, goneS, session.everSentTo));
    });
    this.#onGrown(session);
  }

  #now(): string {
    return new Date(this.#parts.clock.wallMs()).toISOString();
  }

  #add(client: string, id: number | null): Session {
    const before = this.#sessions.get(client);
    if (before !== undefined) this.#forget(before, 'clean');
    const isKept = id !== null;
    const { inFlight, inFlightBytes } = this.limits;
    const session = new Session({
      ...{ client, id, pool: isKept ? this.kept : this.clean },
      backlog: isKept ? new RowBacklog(this.rows, id) : new MemoryBacklog(),
      window: { messages: inFlight, bytes: inFlightBytes },
    });
    if (isKept) {
      this.#keptCount += 1;
      session.goneS = this.queueClock.nowS();
    }
    this.#sessions.set(client, session);
    return session;
  }

  #forget(session: Session, reason: SessionEnd): void {
    if (session.isEnded) return;
    session.disconnect();
    session.isEnded = true;
    if (session.backlog instanceof MemoryBacklog) session.backlog.clear();
    session.account.dropAll();
    this.#settled.delete(session);
    if (this.#sessions.get(session.client) === session) this.#sessions.delete(session.client);
    if (session.isKept) {
      this.#keptCount -= 1;
      this.ends[reason] += 1;
    }
    this.#parts.onForgotten(session);
    this.#delivery?.ended(session, reason);
  }

  #commonOf(packet: StoredPacket, retain: 'live' | 'retained'): Omit<Queued, 'qos' | 'number'> {
    const { topic = '', payload = EMPTY } = packet;
    const bytes = Buffer.byteLength(topic) + payload.length;
    const lane = queueLaneOf(topic);
    return {
      ...{ packetId: null, isReleased: false, lane, topic, payload, bytes },
      ...{ retain: retain === 'retained', queuedS: this.queueClock.nowS() },
    };
  }

  #committed(session: Session, message: Queued): void {
    if (session.isEnded) return;
    const outgoing = session.committed(message);
    if (outgoing !== null) this.#delivery?.send(session, outgoing);
    else {
      if (session.backlog instanceof MemoryBacklog) session.backlog.push(message);
      this.#onGrown(session);
      if (session.isConnected) this.#delivery?.due(session);
    }
  }

  #wake(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = null;
      this.#safely(() => this.#settle());
      this.#safely(() => this.#sweep());
      if (this.#sweeping.size > 0) this.#wake();
    });
  }

  /** Takes acknowledged messages from their rows; what a failed COMMIT brings back goes with the next time. */
  #settle(): void {
    if (this.#settled.size === 0) return;
    this.#parts.store.commitLazily(() => {
      for (const session of this.#settled) {
        if (session.id === null) continue;
        this.rows.removeBelow(session.id, session.lowestOpen);
        this.rows.settled(session.id, session.committedTo + 1, session.acknowledgedInOrder);
      }
    });
    this.#settled.clear();
  }

  #sweep(): void {
    const [id] = this.#sweeping;
    if (id === undefined) return;
    if (this.#parts.store.commitLazily(() => this.rows.sweep(id)) === 0) this.#sweeping.delete(id);
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.log.warn({ error: String(error) }, 'session.not-noted');
    }
  }
}

const EMPTY = Buffer.alloc(0);
const NAMELESS = { id: null, counter: null } as const;
