import type { Database } from 'better-sqlite3';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { uuidv7 } from '#contract/uuid.ts';
import {
  type DueNotification,
  insertNotification,
  recordDelivery,
  recordFailure,
  waitingNotifications,
} from './notification-rows.ts';
import type { DeliveryProof, Notifier } from './notifier.ts';
import type { IncidentListener } from './ports.ts';

export interface NotificationQueueOptions {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditLog;
  readonly notifiers: readonly Notifier[];
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly onChanged: IncidentListener;
}

/** Which rung of which incident is to be told to whom. */
export interface NotificationOrder {
  readonly incidentId: string;
  readonly round: number;
  readonly step: number;
  readonly notifier: string;
  /** The CloudEvent's `data`, `type` and `source`; id and time are added. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** After this many attempts (about an hour) the notification counts as failed. */
export const MAX_ATTEMPTS = 24;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 300_000;
/** Sent at the same time at most; the others wait their turn. */
const AT_ONCE = 16;
/** When the outcome could not be stored (a full disk), look again after this. */
const STORE_RETRY_MS = 5_000;

/**
 * Delivers notifications until each has a proof or is given up. What waits, and when, is in the database, so a
 * restart goes on where it was; a message may then go out twice, under the same id, but never not at all.
 */
export class NotificationQueue {
  readonly #options: NotificationQueueOptions;
  readonly #notifiers: ReadonlyMap<string, Notifier>;
  readonly #sending = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #cancel: Cancel | null = null;

  constructor(options: NotificationQueueOptions) {
    this.#options = options;
    this.#notifiers = new Map(options.notifiers.map((notifier) => [notifier.name, notifier]));
  }

  start(): void {
    this.wake();
  }

  /** Ends attempts under way; what was not proven is tried again at the next start. Idempotent. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancel?.();
    this.#cancel = null;
    await Promise.all(this.#sending.values());
  }

  has(notifier: string): boolean {
    return this.#notifiers.has(notifier);
  }

  /** Inside a `commit`; call `wake` after it. */
  enqueue(sql: Database, { event, ...order }: NotificationOrder): void {
    const { clock } = this.#options;
    const id = uuidv7(clock);
    const createdAt = new Date(clock.wallMs()).toISOString();
    const body = JSON.stringify({ specversion: '1.0', id, time: createdAt, ...event });
    insertNotification(sql, { ...order, id, body, createdAt, dueMs: clock.wallMs() });
  }

  /** Sends what is due and sets the timer for the next. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#cancel?.();
    this.#cancel = null;
    const waiting = this.#waiting();
    const nowMs = this.#options.clock.wallMs();
    for (const notification of waiting) {
      if (this.#sending.size < AT_ONCE && isDue(notification, nowMs)) this.#begin(notification);
    }
    const next = waiting.find(({ id }) => !this.#sending.has(id));
    if (next === undefined || this.#sending.size >= AT_ONCE) return;
    this.#cancel = this.#options.clock.after(Math.max(0, next.next_attempt_ms - nowMs), () => this.wake());
  }

  #waiting(): DueNotification[] {
    const rows = waitingNotifications(this.#options.db.sql, AT_ONCE * 2);
    return rows.filter(({ id }) => !this.#sending.has(id));
  }

  #begin(notification: DueNotification): void {
    const sending = this.#attempt(notification)
      .then(() => {
        this.#sending.delete(notification.id);
        this.wake();
      })
      .catch((error) => this.#options.log.error({ error: String(error) }, 'notification.queue-failed'));
    this.#sending.set(notification.id, sending);
  }

  async #attempt(notification: DueNotification): Promise<void> {
    const { log, clock } = this.#options;
    try {
      const proof = await this.#send(notification);
      if (proof !== null) await this.#keep(notification, (sql) => this.#delivered(sql, notification, proof));
    } catch (cause) {
      log.error({ id: notification.id, cause: String(cause) }, 'notification.not-recorded');
      await new Promise<void>((resolve) => {
        const cancel = clock.after(STORE_RETRY_MS, resolve);
        this.#stop.signal.addEventListener('abort', () => resolve(cancel()), { once: true });
      });
    }
  }

  /** Null when it was not taken, which is recorded, or when we are being closed. */
  async #send(notification: DueNotification): Promise<DeliveryProof | null> {
    try {
      const notifier = this.#notifiers.get(notification.notifier);
      if (notifier === undefined) throw new WatchpostError('WP3503', { detail: notification.notifier });
      return await notifier.send(notification, this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return null;
      await this.#keep(notification, (sql) => this.#failed(sql, notification, error));
      return null;
    }
  }

  async #keep({ incident_id }: DueNotification, work: (sql: Database) => void): Promise<void> {
    await this.#options.db.commit(work);
    this.#options.onChanged(incident_id);
  }

  #delivered(sql: Database, { id, notifier, incident_id }: DueNotification, proof: DeliveryProof): void {
    recordDelivery(sql, id, proof);
    this.#audit(sql, 'notification.delivered', incident_id, { id, notifier, ...proof });
  }

  #failed(sql: Database, notification: DueNotification, cause: unknown): void {
    const { id, notifier, incident_id } = notification;
    const attempts = notification.attempts + 1;
    const final = attempts >= MAX_ATTEMPTS || (cause instanceof WatchpostError && !cause.retryable);
    const error = cause instanceof WatchpostError ? cause.message : 'WP3501 unexpected failure';
    const nextAttemptMs = final ? null : this.#options.clock.wallMs() + this.#backoffMs(attempts);
    recordFailure(sql, { id, error, nextAttemptMs });
    this.#options.log.warn({ id, notifier, attempts, final, error }, 'notification.failed');
    if (final) this.#audit(sql, 'notification.given-up', incident_id, { id, notifier, attempts, error });
  }

  #audit(sql: Database, action: string, subject: string, detail: Record<string, unknown>): void {
    this.#options.audit.append(sql, { who: 'site', action, subject, detail });
  }

  /** Doubling, capped, and spread over its upper half so that many sites do not return in one second. */
  #backoffMs(attempts: number): number {
    const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
    return Math.round(ceiling * (0.5 + this.#options.random() / 2));
  }
}

/** Also due when the wait is longer than any we give: the wall clock has gone back. */
const isDue = ({ next_attempt_ms }: DueNotification, nowMs: number): boolean =>
  next_attempt_ms <= nowMs || next_attempt_ms - nowMs > LONGEST_RETRY_MS;
