import type { Cancel, Clock } from '#contract/clock.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { GroupCommit } from '../ports.ts';
import { QUEUE_LANES, type QueueLane, SHED_ORDER } from './queue-lane.ts';
import type { Session } from './session.ts';
import type { Account, DropReason, Load } from './session-account.ts';
import { MemoryBacklog, type Shed } from './session-backlog.ts';
import type { SessionLimits } from './session-limits.ts';
import type { SessionStore } from './session-store.ts';

export interface ReliefParts {
  readonly sessions: SessionStore;
  readonly store: GroupCommit & { commitLazily(work: () => void): void };
  readonly clock: Clock;
  readonly log: Log;
}

const ROUND_MS = 60_000;
const HOUR_S = 3600;
/** Messages dropped in one transaction. */
const CHUNK = 500;
/** All together are brought below their limit by this much, so that the heaviest is not looked for each time. */
const SLACK = 0.01;

/**
 * Holds sessions to their limits: over one, a session loses its oldest telemetry, then its oldest other messages;
 * when only alarms are left it ends as a whole. Where all together are over, the one with most bytes is the first. It
 * works behind the commit that brought a message, so no publisher ever waits for it or is refused because of it.
 */
export class SessionRelief {
  readonly #parts: ReliefParts;
  readonly #grown = new Set<Session>();
  #isWorking = false;
  #cancel: Cancel | null = null;

  constructor(parts: ReliefParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancel = this.#parts.clock.every(ROUND_MS, () => this.round());
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#grown.clear();
  }

  /** More waits for it than before. */
  grown(session: Session): void {
    if (!this.#isOver(session)) return;
    this.#grown.add(session);
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work().catch((error) => this.#failed(error));
  }

  /** Drops what is too old and ends what is gone for too long. */
  round(): void {
    const { sessions, store } = this.#parts;
    this.#expire()
      .then(() => this.#dropOld())
      .catch((error) => this.#failed(error));
    try {
      store.commitLazily(() => sessions.queueClock.save());
    } catch (error) {
      this.#failed(error);
    }
  }

  async #work(): Promise<void> {
    try {
      // Behind the commit whose effects are still running.
      await new Promise((resolve) => setImmediate(resolve));
      for (const session of this.#grown) {
        this.#grown.delete(session);
        await this.#relieve(session);
        await this.#relievePool(session);
      }
    } finally {
      this.#isWorking = false;
    }
  }

  async #relieve(session: Session): Promise<void> {
    const { messages, bytes } = limitsOf(session, this.#parts.sessions.limits);
    for (;;) {
      const excess = excessOf(session.account.queued, { messages, bytes });
      if (excess === null || session.isEnded) return;
      await this.#shed(session, excess);
    }
  }

  async #relievePool(session: Session): Promise<void> {
    const { sessions } = this.#parts;
    const { messagesInAll, bytesInAll } = limitsOf(session, sessions.limits);
    const pool = poolOf(session, sessions);
    if (excessOf(pool.queued, { messages: messagesInAll, bytes: bytesInAll }) === null) return;
    const target = { messages: messagesInAll * (1 - SLACK), bytes: bytesInAll * (1 - SLACK) };
    for (let isLess = true; isLess; ) {
      const excess = excessOf(pool.queued, target);
      isLess = excess !== null && (await this.#relieveHeaviest(session.isKept, excess));
    }
  }

  /** The one with most of the lane that goes first and can give of it; at last the one with most of all ends. */
  async #relieveHeaviest(isKept: boolean, excess: Load): Promise<boolean> {
    const all = [...this.#parts.sessions.all()].filter((each) => each.isKept === isKept);
    for (const lane of SHED_ORDER) {
      const left = new Set(all);
      for (;;) {
        const heaviest = mostOf(left, ({ account }) => account.queuedIn(lane).bytes);
        if (heaviest === null) break;
        if (await this.#shedLane(heaviest, lane, excess)) return true;
        left.delete(heaviest);
      }
    }
    const heaviest = mostOf(all, ({ account }) => account.queued.bytes);
    if (heaviest !== null) await this.#endOver(heaviest);
    return heaviest !== null;
  }

  async #shed(session: Session, excess: Load): Promise<void> {
    for (const lane of SHED_ORDER) if (await this.#shedLane(session, lane, excess)) return;
    await this.#endOver(session);
  }

  /** False when nothing of the lane can go: there is none, or what is there may be known to the client. */
  async #shedLane(session: Session, lane: QueueLane, excess: Load): Promise<boolean> {
    while (session.account.queuedIn(lane).messages > 0) {
      const oldest = session.backlog.oldest({
        after: Math.max(session.cursor, session.shedTo[lane]),
        ...{ everSentTo: session.everSentTo, upTo: session.committedTo },
        ...{ lane, beforeS: Number.POSITIVE_INFINITY, limit: CHUNK },
      });
      const last = oldest.at(-1);
      if (last === undefined) return false;
      const open = oldest.filter(({ number }) => !session.isSettled(number));
      const shed = enoughOf(open, excess);
      if (shed.length > 0) await this.#drop(session, shed, 'limit');
      session.shedTo[lane] = (shed.at(-1) ?? last).number;
      if (shed.length > 0) return true;
    }
    return false;
  }

  async #dropOld(): Promise<void> {
    const { sessions } = this.#parts;
    const beforeS = sessions.queueClock.nowS() - sessions.limits.ageH * HOUR_S;
    for (const session of [...sessions.all()]) {
      let after = 0;
      while (session.oldestS < beforeS && !session.isEnded) {
        const old = session.backlog.oldest({
          ...{ after: Math.max(after, session.cursor), everSentTo: session.everSentTo },
          ...{ upTo: session.committedTo, lane: null, beforeS, limit: CHUNK },
        });
        const last = old.at(-1);
        const open = old.filter(({ number }) => !session.isSettled(number));
        if (open.length > 0) await this.#drop(session, open, 'age');
        if (last === undefined) session.oldestS = beforeS;
        else after = last.number;
      }
    }
  }

  async #expire(): Promise<void> {
    const { sessions } = this.#parts;
    const beforeS = sessions.queueClock.nowS() - sessions.limits.expiryH * HOUR_S;
    for (const session of [...sessions.all()]) {
      const isExpired = session.goneS !== null && session.goneS < beforeS && !session.isConnected;
      if (isExpired) await this.#end(session, 'expired', 'WP3111');
    }
  }

  #endOver(session: Session): Promise<void> {
    return this.#end(session, 'limit', session.isKept ? 'WP3110' : 'WP3107');
  }

  async #end(session: Session, reason: 'limit' | 'expired', code: ErrorCode): Promise<void> {
    const { log, sessions } = this.#parts;
    const { client, account } = session;
    const error = new WatchpostError(code, { detail: client });
    await sessions.end(session, reason);
    log.warn({ client, code: error.code, ...account.statement }, 'session.ended');
  }

  async #drop(session: Session, shed: readonly Shed[], reason: Exclude<DropReason, 'ended'>): Promise<void> {
    const { store, log } = this.#parts;
    const { id } = session;
    if (session.backlog instanceof MemoryBacklog) {
      session.backlog.remove(new Set(shed.map(({ number }) => number)));
      count(session, shed, reason);
    } else if (id !== null) {
      await store
        .commit(() => {
          this.#remove(session, id, shed, reason);
          store.afterCommit(() => count(session, shed, reason));
        })
        .catch((error) => {
          // They are there again, but those that the connection has passed will not be seen any more.
          count(
            session,
            shed.filter(({ number }) => number <= session.cursor),
            reason,
          );
          throw error;
        });
    }
    log.warn({ client: session.client, reason, messages: shed.length }, 'session.dropped');
  }

  #remove(session: Session, id: number, shed: readonly Shed[], reason: 'age' | 'limit'): void {
    const { rows } = this.#parts.sessions;
    for (const { number } of shed) rows.remove(id, number);
    const more = { age: 0, limit: 0, [reason]: shed.length };
    rows.dropped(id, session.committedTo + 1, more);
  }

  #isOver(session: Session): boolean {
    const { sessions } = this.#parts;
    const limits = limitsOf(session, sessions.limits);
    const inAll = { messages: limits.messagesInAll, bytes: limits.bytesInAll };
    return (
      excessOf(session.account.queued, limits) !== null ||
      excessOf(poolOf(session, sessions).queued, inAll) !== null
    );
  }

  #failed(error: unknown): void {
    this.#parts.log.error({ error: String(error) }, 'session.relief-failed');
  }
}

function limitsOf({ isKept }: Session, limits: SessionLimits) {
  if (isKept) {
    const { messages, bytes, messagesInAll, bytesInAll } = limits;
    return { messages, bytes, messagesInAll, bytesInAll };
  }
  return {
    messages: limits.cleanMessages,
    bytes: limits.cleanBytes,
    messagesInAll: limits.cleanMessagesInAll,
    bytesInAll: limits.cleanBytesInAll,
  };
}

const poolOf = ({ isKept }: Session, { kept, clean }: SessionStore): Account => (isKept ? kept : clean);

function excessOf(load: Load, limit: Load): Load | null {
  const messages = Math.max(0, load.messages - limit.messages);
  const bytes = Math.max(0, load.bytes - limit.bytes);
  return messages === 0 && bytes === 0 ? null : { messages, bytes };
}

/** The first ones, until both excesses are covered. */
function enoughOf(oldest: readonly Shed[], excess: Load): Shed[] {
  const enough: Shed[] = [];
  let bytes = 0;
  for (const each of oldest) {
    if (enough.length >= excess.messages && bytes >= excess.bytes) break;
    enough.push(each);
    bytes += each.bytes;
  }
  return enough;
}

function mostOf(sessions: Iterable<Session>, bytesOf: (session: Session) => number): Session | null {
  let most: Session | null = null;
  for (const session of sessions) {
    if (bytesOf(session) > (most === null ? 0 : bytesOf(most))) most = session;
  }
  return most;
}

function count(session: Session, shed: readonly Shed[], reason: DropReason): void {
  if (session.isEnded) return;
  for (const lane of QUEUE_LANES) {
    const ofLane = shed.filter((each) => each.lane === lane);
    const bytes = ofLane.reduce((sum, each) => sum + each.bytes, 0);
    session.account.drop(lane, { messages: ofLane.length, bytes }, reason);
  }
}
