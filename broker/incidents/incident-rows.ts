import type { Database } from 'better-sqlite3';
import type { Place } from '#contract/event-data.ts';
import type { IncidentState } from '#contract/messages.ts';
import type { DeviceAddress } from '#contract/names.ts';
import type { Reach } from './rules.ts';

/** A row of `incident`, as SQLite gives it. */
export interface IncidentRow extends DeviceAddress {
  readonly row: number;
  readonly id: string;
  readonly topic: string;
  readonly type: string;
  readonly test: 0 | 1;
  readonly state: IncidentState;
  readonly rev: number;
  readonly place: string | null;
  readonly opened_at: string;
  readonly acknowledged_at: string | null;
  readonly resolved_at: string | null;
  readonly assignee: string | null;
  readonly alarm_count: number;
  readonly last_alarm_at: string;
  readonly last_alarm_ms: number;
  readonly reach: Reach;
  readonly round: number;
  readonly escalating_since_ms: number | null;
}

export interface NewIncident extends DeviceAddress {
  readonly id: string;
  readonly topic: string;
  readonly type: string;
  readonly test: boolean;
  readonly place: Place | null;
  readonly receivedAt: string;
  readonly reach: Reach;
}

export interface NewAlarm extends DeviceAddress {
  readonly incidentId: string;
  readonly eventId: string;
  readonly type: string;
  readonly happenedAt: string;
  readonly receivedAt: string;
  readonly picture: unknown;
  readonly sighting: unknown;
}

export interface NewStep {
  readonly incidentId: string;
  readonly state: IncidentState;
  readonly at: string;
  readonly who: string;
  readonly note: string | null;
  readonly assignee: string | null;
  readonly cause: string | null;
}

export const readIncident = (sql: Database, id: string): IncidentRow | undefined =>
  sql.prepare<[string], IncidentRow>('SELECT * FROM incident WHERE id = ?').get(id);

export function findJoinable(
  sql: Database,
  { site, device }: DeviceAddress,
  { topic, test }: { topic: string; test: boolean },
): IncidentRow | undefined {
  return sql
    .prepare<[string, string, string, number], IncidentRow>(
      `SELECT * FROM incident WHERE site = ? AND device = ? AND topic = ? AND test = ?
       AND state NOT IN ('resolved', 'reviewed') ORDER BY row DESC LIMIT 1`,
    )
    .get(site, device, topic, test ? 1 : 0);
}

export function hasJoined(sql: Database, { site, device }: DeviceAddress, eventId: string): boolean {
  return (
    sql
      .prepare('SELECT 1 FROM incident_alarm WHERE site = ? AND device = ? AND event_id = ?')
      .get(site, device, eventId) !== undefined
  );
}

/** Open, without an alarm yet; the escalation counts from the time of receipt. */
export function insertIncident(sql: Database, incident: NewIncident): void {
  const receivedMs = Date.parse(incident.receivedAt);
  sql
    .prepare(
      `INSERT INTO incident (id, site, device, topic, type, test, state, rev, place, opened_at, alarm_count,
         last_alarm_at, last_alarm_ms, reach, round, escalating_since_ms)
       VALUES (@id, @site, @device, @topic, @type, @test, 'open', 0, @place, @receivedAt, 0,
         @receivedAt, @receivedMs, @reach, 1, @since)`,
    )
    .run({
      ...incident,
      test: incident.test ? 1 : 0,
      place: incident.place === null ? null : JSON.stringify(incident.place),
      receivedMs,
      since: incident.reach === 'none' ? null : receivedMs,
    });
}

/** Adds the alarm and counts `rev` up. */
export function insertAlarm(sql: Database, alarm: NewAlarm): void {
  sql
    .prepare(
      `INSERT INTO incident_alarm (incident_id, site, device, event_id, type, happened_at, received_at, picture,
         sighting)
       VALUES (@incidentId, @site, @device, @eventId, @type, @happenedAt, @receivedAt, @picture, @sighting)`,
    )
    .run({ ...alarm, picture: jsonOf(alarm.picture), sighting: jsonOf(alarm.sighting) });
  sql
    .prepare(
      `UPDATE incident SET rev = rev + 1, alarm_count = alarm_count + 1, last_alarm_at = @receivedAt,
         last_alarm_ms = @receivedMs WHERE id = @incidentId`,
    )
    .run({
      incidentId: alarm.incidentId,
      receivedAt: alarm.receivedAt,
      receivedMs: Date.parse(alarm.receivedAt),
    });
}

const jsonOf = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

export function redateAlarm(
  sql: Database,
  { site, device }: DeviceAddress,
  eventId: string,
  happenedAt: string,
): void {
  sql
    .prepare('UPDATE incident_alarm SET happened_at = ? WHERE site = ? AND device = ? AND event_id = ?')
    .run(happenedAt, site, device, eventId);
}

export function insertStep(sql: Database, step: NewStep): void {
  sql
    .prepare(
      `INSERT INTO incident_step (incident_id, state, at, who, note, assignee, cause)
       VALUES (@incidentId, @state, @at, @who, @note, @assignee, @cause)`,
    )
    .run(step);
}

/** Takes the step: state, who has it, and an end of the running escalation, for somebody has taken it. */
export function advanceIncident(
  sql: Database,
  step: { id: string; state: IncidentState; at: string; assignee: string | null; resolved: boolean },
): void {
  sql
    .prepare(
      `UPDATE incident SET state = @state, rev = rev + 1, escalating_since_ms = NULL,
         assignee = coalesce(@assignee, assignee), acknowledged_at = coalesce(acknowledged_at, @at),
         resolved_at = CASE WHEN @resolved THEN coalesce(resolved_at, @at) ELSE resolved_at END
       WHERE id = @id`,
    )
    .run({ ...step, resolved: step.resolved ? 1 : 0 });
}

/** Another round of the escalation from `sinceMs`. */
export function restartEscalation(sql: Database, id: string, sinceMs: number): void {
  sql.prepare('UPDATE incident SET round = round + 1, escalating_since_ms = ? WHERE id = ?').run(sinceMs, id);
}

/** Those whose running round has rungs left, of `rungs` that the table has. */
export const escalatingIncidents = (sql: Database, rungs: number): IncidentRow[] =>
  sql
    .prepare<[number], IncidentRow>(
      `SELECT * FROM incident WHERE escalating_since_ms IS NOT NULL
       AND (SELECT count(*) FROM escalation_step AS reached
            WHERE reached.incident_id = incident.id AND reached.round = incident.round)
         < CASE reach WHEN 'all' THEN ? WHEN 'first' THEN 1 ELSE 0 END
       ORDER BY row`,
    )
    .all(rungs);
