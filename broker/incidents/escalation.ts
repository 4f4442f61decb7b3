import type { Database } from 'better-sqlite3';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { IncidentItem } from '#contract/http.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf } from '#contract/names.ts';
import { dueRungs, type EscalationRung, type EscalationTable, nextRungAfterMs } from './escalation-table.ts';
import { escalatingIncidents, type IncidentRow } from './incident-rows.ts';
import type { IncidentView } from './incident-view.ts';
import { robotsByDistance } from './nearest-robot.ts';
import type { NotificationQueue } from './notification-queue.ts';
import type { ConsoleCount, DeviceDirectory, IncidentListener } from './ports.ts';

export interface EscalationOptions {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly table: EscalationTable;
  readonly view: IncidentView;
  readonly audit: AuditLog;
  readonly queue: NotificationQueue;
  readonly devices: DeviceDirectory;
  readonly consoles: ConsoleCount;
  readonly onChanged: IncidentListener;
}

/** Looks again after this when the database would not take a rung (a full disk). */
const STORE_RETRY_MS = 2_000;

/**
 * Takes the rungs of the escalation when they fall due. Which incidents run, since when, and what was reached is in
 * the database; here is only a timer for the next. While the process lives it counts by the monotonic clock from
 * where it first saw the round, so that a step of the wall clock neither hurries nor delays help.
 */
export class Escalation {
  readonly #options: EscalationOptions;
  readonly #startedMonoMs = new Map<string, number>();
  #cancel: Cancel | null = null;
  #closed = false;

  constructor(options: EscalationOptions) {
    this.#options = options;
  }

  start(): void {
    this.wake();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Takes what is due now; call after an incident was opened, called again or stepped. */
  wake(): void {
    if (this.#closed) return;
    this.#options.db
      .commit((sql) => this.#takeDue(sql))
      .then((changed) => this.#taken(changed))
      .catch((error) => this.#retry(error));
  }

  #taken(changed: readonly string[]): void {
    if (this.#closed) return;
    if (changed.length > 0) this.#options.queue.wake();
    for (const id of changed) this.#options.onChanged(id);
    this.#arm();
  }

  #retry(error: unknown): void {
    if (this.#closed) return;
    this.#options.log.error({ error: String(error) }, 'escalation.not-stored');
    this.#rearm(STORE_RETRY_MS);
  }

  #takeDue(sql: Database): string[] {
    const running = escalatingIncidents(sql, this.#options.table.length);
    this.#forgetEnded(running);
    return running.filter((incident) => this.#takeRungs(sql, incident) > 0).map(({ id }) => id);
  }

  #takeRungs(sql: Database, incident: IncidentRow): number {
    const { table, consoles } = this.#options;
    const due = dueRungs(table, {
      reach: incident.reach,
      elapsedMs: this.#elapsedMs(incident),
      reached: reachedRungs(sql, incident),
      consoles: consoles(),
    });
    for (const step of due) {
      const rung = table[step];
      if (rung !== undefined) this.#take(sql, incident, step, rung);
    }
    return due.length;
  }

  #take(sql: Database, incident: IncidentRow, step: number, rung: EscalationRung): void {
    const { clock, audit, consoles } = this.#options;
    const { id, round } = incident;
    const robot = incident.reach === 'all' ? this.#robotFor(incident, rung) : null;
    const at = new Date(clock.wallMs()).toISOString();
    const told = rung.consoles ? consoles() : 0;
    sql
      .prepare(
        `INSERT INTO escalation_step (incident_id, round, step, name, at, consoles, robot)
         VALUES (@id, @round, @step, @name, @at, @told, @robot)`,
      )
      .run({ id, round, step, name: rung.name, at, told, robot });
    const detail = { round, step, name: rung.name, consoles: told, robot };
    audit.append(sql, { who: 'site', action: 'incident.escalated', subject: id, detail });
    this.#notify(sql, incident, step, rung);
  }

  #notify(sql: Database, { id, round }: IncidentRow, step: number, rung: EscalationRung): void {
    const { queue, view } = this.#options;
    const known = rung.notify.filter((notifier) => queue.has(notifier));
    const incident = known.length === 0 ? null : view.item(id);
    if (incident === null) return;
    for (const notifier of known) {
      queue.enqueue(sql, { incidentId: id, round, step, notifier, event: eventOf(incident, step, rung) });
    }
  }

  #robotFor(incident: IncidentRow, { robot }: EscalationRung): string | null {
    if (robot === undefined) return null;
    const place = incident.place === null ? null : JSON.parse(incident.place);
    const robots = robotsByDistance(place, this.#options.devices.devices(), clientIdOf(incident));
    return robots[robot === 'nearest' ? 0 : 1] ?? null;
  }

  #elapsedMs(incident: IncidentRow): number {
    const { clock } = this.#options;
    const key = roundKey(incident);
    const sinceMs = incident.escalating_since_ms ?? clock.wallMs();
    const startedMs = this.#startedMonoMs.get(key) ?? clock.monoMs() - Math.max(0, clock.wallMs() - sinceMs);
    this.#startedMonoMs.set(key, startedMs);
    return clock.monoMs() - startedMs;
  }

  #forgetEnded(running: readonly IncidentRow[]): void {
    const alive = new Set(running.map(roundKey));
    for (const key of this.#startedMonoMs.keys()) if (!alive.has(key)) this.#startedMonoMs.delete(key);
  }

  #arm(): void {
    const { db, table } = this.#options;
    const waits = escalatingIncidents(db.sql, table.length).flatMap((incident) => {
      const reached = reachedRungs(db.sql, incident);
      const afterMs = nextRungAfterMs(table, { reach: incident.reach, reached });
      return afterMs === null ? [] : [afterMs - this.#elapsedMs(incident)];
    });
    if (waits.length > 0) this.#rearm(Math.max(1, Math.ceil(Math.min(...waits))));
  }

  #rearm(delayMs: number): void {
    if (this.#closed) return;
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(delayMs, () => this.wake());
  }
}

const roundKey = ({ id, round }: IncidentRow): string => `${id}#${round}`;

const reachedRungs = (sql: Database, { id, round }: IncidentRow): Set<number> =>
  new Set(
    sql
      .prepare<[string, number], number>(
        'SELECT step FROM escalation_step WHERE incident_id = ? AND round = ?',
      )
      .pluck()
      .all(id, round),
  );

const eventOf = (incident: IncidentItem, step: number, { name }: EscalationRung) => ({
  source: `/wp/${incident.site}`,
  type: 'wp.incident.escalated.v1',
  subject: incident.id,
  datacontenttype: 'application/json',
  data: { step, name, incident },
});
