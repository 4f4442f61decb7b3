import type { Database } from 'better-sqlite3';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type {
  EscalationStep,
  IncidentAlarm,
  IncidentDetail,
  IncidentItem,
  IncidentStep,
  PathTest,
} from '#contract/http.ts';
import type { IncidentNotice, IncidentState } from '#contract/messages.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { type EscalationTable, nextRungAfterMs } from './escalation-table.ts';
import { type IncidentRow, readIncident } from './incident-rows.ts';
import { listPathTests } from './path-test-rows.ts';

export interface IncidentQuery {
  readonly states: readonly IncidentState[];
  /** Only rows below this one; newest first. */
  readonly before: number;
  readonly limit: number;
}

/** An item and the row that cursors name. */
export interface ListedIncident {
  readonly row: number;
  readonly item: IncidentItem;
}

interface AlarmRow {
  readonly event_id: string;
  readonly type: string;
  readonly happened_at: string;
  readonly received_at: string;
  readonly picture: string | null;
  readonly sighting: string | null;
}

interface RungRow {
  readonly round: number;
  readonly step: number;
  readonly name: string;
  readonly at: string;
  readonly consoles: number;
  readonly robot: string | null;
}

interface NotificationRow {
  readonly round: number;
  readonly step: number;
  readonly notifier: string;
  readonly attempts: number;
  readonly next_attempt_ms: number | null;
  readonly delivered_at: string | null;
  readonly status: number | null;
  readonly response_id: string | null;
  readonly error: string | null;
}

/** Most alarm ids in one notice (contract/messages.ts). */
const MAX_NOTICE_ALARMS = 1000;

/** Reads incidents into the shapes of HTTP and of the wire. */
export class IncidentView {
  readonly #db: GroupCommit;
  readonly #table: EscalationTable;

  constructor(db: GroupCommit, table: EscalationTable) {
    this.#db = db;
    this.#table = table;
  }

  item(id: string): IncidentItem | null {
    const row = readIncident(this.#db.sql, id);
    return row === undefined ? null : this.#itemOf(row);
  }

  detail(id: string): IncidentDetail | null {
    const { sql } = this.#db;
    const item = this.item(id);
    return item === null ? null : { ...item, alarms: alarmsOf(sql, id), steps: stepsOf(sql, id) };
  }

  list({ states, before, limit }: IncidentQuery): ListedIncident[] {
    return this.#db.sql
      .prepare<[string, number, number], IncidentRow>(
        `SELECT * FROM incident WHERE state IN (SELECT value FROM json_each(?)) AND row < ?
         ORDER BY row DESC LIMIT ?`,
      )
      .all(JSON.stringify(states), before, limit)
      .map((row) => ({ row: row.row, item: this.#itemOf(row) }));
  }

  /** Newest first. */
  testsOf(address: DeviceAddress, limit: number): PathTest[] {
    return listPathTests(this.#db.sql, address, limit);
  }

  /** Id of the newest incident of this device that is not resolved, tests included. */
  openIncidentOf({ site, device }: DeviceAddress): string | null {
    const id = this.#db.sql
      .prepare<[string, string], string>(
        `SELECT id FROM incident WHERE site = ? AND device = ? AND state NOT IN ('resolved', 'reviewed')
         ORDER BY row DESC LIMIT 1`,
      )
      .pluck()
      .get(site, device);
    return id ?? null;
  }

  incidentOfEvent(eventId: string): string | null {
    const id = this.#db.sql
      .prepare<[string], string>('SELECT incident_id FROM incident_alarm WHERE event_id = ? LIMIT 1')
      .pluck()
      .get(eventId);
    return id ?? null;
  }

  notice(id: string): (DeviceAddress & { readonly notice: IncidentNotice }) | null {
    const row = readIncident(this.#db.sql, id);
    if (row === undefined) return null;
    return { site: row.site, device: row.device, notice: noticeOf(this.#db.sql, row) };
  }

  /** What a device that subscribes is told: its incidents that are not over, and those that ended since, oldest first. */
  noticesFor({ site, device }: DeviceAddress, sinceMs: number): IncidentNotice[] {
    return this.#db.sql
      .prepare<[string, string, number, string], IncidentRow>(
        `SELECT * FROM incident WHERE site = ? AND device = ?
           AND (state NOT IN ('resolved', 'reviewed') OR last_alarm_ms >= ? OR resolved_at >= ?) ORDER BY row`,
      )
      .all(site, device, sinceMs, new Date(sinceMs).toISOString())
      .map((row) => noticeOf(this.#db.sql, row));
  }

  #itemOf(row: IncidentRow): IncidentItem {
    const rungs = rungsOf(this.#db.sql, row.id);
    return {
      id: row.id,
      rev: row.rev,
      state: row.state,
      type: row.type,
      test: row.test === 1,
      site: row.site,
      device: row.device,
      place: row.place === null ? null : JSON.parse(row.place),
      openedAt: row.opened_at,
      acknowledgedAt: row.acknowledged_at,
      resolvedAt: row.resolved_at,
      assignee: row.assignee,
      alarmCount: row.alarm_count,
      lastAlarmAt: row.last_alarm_at,
      nextEscalationAt: this.#nextEscalationAt(row, rungs),
      escalations: rungs.map((rung) => escalationOf(rung, notificationsOf(this.#db.sql, row.id, rung))),
    };
  }

  #nextEscalationAt(row: IncidentRow, rungs: readonly RungRow[]): string | null {
    if (row.escalating_since_ms === null) return null;
    const reached = new Set(rungs.filter(({ round }) => round === row.round).map(({ step }) => step));
    const afterMs = nextRungAfterMs(this.#table, { reach: row.reach, reached });
    return afterMs === null ? null : new Date(row.escalating_since_ms + afterMs).toISOString();
  }
}

function noticeOf(sql: Database, row: IncidentRow): IncidentNotice {
  // The newest ids: a device asks about what it has just pressed.
  const alarmIds = sql
    .prepare<[string, number], string>(
      'SELECT event_id FROM incident_alarm WHERE incident_id = ? ORDER BY row DESC LIMIT ?',
    )
    .pluck()
    .all(row.id, MAX_NOTICE_ALARMS);
  return { incidentId: row.id, alarmIds: alarmIds.reverse(), state: row.state, rev: row.rev };
}

const alarmsOf = (sql: Database, id: string): IncidentAlarm[] =>
  sql
    .prepare<[string], AlarmRow>('SELECT * FROM incident_alarm WHERE incident_id = ? ORDER BY row')
    .all(id)
    .map((alarm) => ({
      eventId: alarm.event_id,
      type: alarm.type,
      time: alarm.happened_at,
      receivedAt: alarm.received_at,
      picture: alarm.picture === null ? null : JSON.parse(alarm.picture),
      ...(alarm.sighting === null ? {} : { sighting: JSON.parse(alarm.sighting) }),
    }));

const stepsOf = (sql: Database, id: string): IncidentStep[] =>
  sql
    .prepare<[string], IncidentStep>(
      'SELECT state, at, who, note, assignee, cause FROM incident_step WHERE incident_id = ? ORDER BY row',
    )
    .all(id);

const rungsOf = (sql: Database, id: string): RungRow[] =>
  sql
    .prepare<[string], RungRow>(
      `SELECT round, step, name, at, consoles, robot FROM escalation_step WHERE incident_id = ?
       ORDER BY round, step`,
    )
    .all(id);

const notificationsOf = (sql: Database, id: string, { round, step }: RungRow): NotificationRow[] =>
  sql
    .prepare<[string, number, number], NotificationRow>(
      'SELECT * FROM notification WHERE incident_id = ? AND round = ? AND step = ? ORDER BY row',
    )
    .all(id, round, step);

/** Delivered: somebody has been told for certain; null: still trying; false: nobody was, and nobody will be. */
function escalationOf(rung: RungRow, notifications: readonly NotificationRow[]): EscalationStep {
  const told = rung.consoles > 0 || notifications.some(({ delivered_at }) => delivered_at !== null);
  const trying = notifications.some(({ next_attempt_ms }) => next_attempt_ms !== null);
  return {
    step: rung.step,
    name: rung.name,
    at: rung.at,
    delivered: trying ? null : told,
    round: rung.round,
    consoles: rung.consoles,
    robot: rung.robot,
    notifications: notifications.map((notification) => ({
      notifier: notification.notifier,
      attempts: notification.attempts,
      deliveredAt: notification.delivered_at,
      status: notification.status,
      responseId: notification.response_id,
      error: notification.error,
    })),
  };
}
