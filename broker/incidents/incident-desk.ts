import type { Database } from 'better-sqlite3';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit, IngestListener, LedgerEvent, PoisonedAlarm } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { BlobReference, Place } from '#contract/event-data.ts';
import type { IncidentAction, IncidentActionBody, Sighting } from '#contract/http.ts';
import type { IncidentState } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { uuidv7 } from '#contract/uuid.ts';
import {
  advanceIncident,
  findJoinable,
  hasJoined,
  type IncidentRow,
  insertAlarm,
  insertIncident,
  insertStep,
  readIncident,
  redateAlarm,
  restartEscalation,
} from './incident-rows.ts';
import { isClosed, judgeAction } from './lifecycle.ts';
import { withdrawNotifications } from './notification-rows.ts';
import type { DeviceDirectory, IncidentListener } from './ports.ts';
import { callsAgain, type IncidentRule, judgeEnding, judgeEvent, type Reach, topicOf } from './rules.ts';
import { followUp, sightingOf } from './sighting.ts';

export interface IncidentDeskOptions {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly rules: readonly IncidentRule[];
  readonly audit: AuditLog;
  readonly devices: DeviceDirectory;
  /** After COMMIT, for every incident opened, joined or stepped. */
  readonly onChanged: IncidentListener;
}

interface Alarm extends DeviceAddress {
  readonly eventId: string;
  readonly type: string;
  readonly topic: string;
  readonly reach: Reach;
  readonly test: boolean;
  readonly happenedAt: string;
  readonly receivedAt: string;
  readonly place: Place | null;
  readonly picture: BlobReference | undefined;
  readonly sighting: Sighting | null;
  /** The type as read, or null when the message was unreadable. */
  readonly readType: string | null;
}

interface Step {
  readonly action: string;
  readonly state: IncidentState;
  readonly who: string;
  readonly body: IncidentActionBody;
}

/** Who the site is in steps and audit. */
export const SITE = 'site';

/** Opens, joins and steps incidents: from the ingest transaction, and for people. */
export class IncidentDesk implements IngestListener {
  readonly #options: IncidentDeskOptions;

  constructor(options: IncidentDeskOptions) {
    this.#options = options;
  }

  onEvent(event: LedgerEvent): void {
    const { envelope, lane } = event;
    const ending = judgeEnding(envelope);
    if (ending !== null) this.#end(event, ending);
    this.#followUp(event);
    const opening = judgeEvent(this.#options.rules, lane, envelope);
    if (opening === null) return;
    this.#take({
      site: event.site,
      device: event.device,
      eventId: envelope.id,
      type: envelope.type,
      readType: envelope.type,
      topic: opening.topic,
      reach: opening.reach,
      test: event.test,
      happenedAt: event.happenedAt,
      receivedAt: event.receivedAt,
      place: Place.safeParse(envelope.data.place).data ?? this.#placeOf(event),
      picture: BlobReference.safeParse(envelope.data.picture).data,
      sighting: sightingOf(envelope),
    });
  }

  /** The ledger knows better now when it happened. */
  onRedated(event: LedgerEvent): void {
    redateAlarm(this.#options.db.sql, event, event.envelope.id, event.happenedAt);
  }

  /** Whatever could not be read may have been somebody calling for help. */
  onPoisonedAlarm(alarm: PoisonedAlarm): void {
    this.#take({
      site: alarm.site,
      device: alarm.device,
      eventId: alarm.eventId ?? `quarantine-${alarm.quarantineRow}`,
      type: alarm.type ?? 'wp.alarm.unreadable.v1',
      readType: alarm.type,
      topic: topicOf(alarm.type, {}),
      reach: 'all',
      test: false,
      happenedAt: alarm.receivedAt,
      receivedAt: alarm.receivedAt,
      place: this.#placeOf(alarm),
      picture: undefined,
      sighting: null,
    });
  }

  /** What a person does. Repeats change nothing. Rejects with WP3201 (a step backward) or WP3202 (no such). */
  async act(id: string, action: IncidentAction, body: IncidentActionBody, who: string): Promise<void> {
    await this.#options.db.commit((sql) => {
      const incident = readIncident(sql, id);
      if (incident === undefined) throw new WatchpostError('WP3202', { detail: id });
      const calling = incident.escalating_since_ms !== null;
      const assignee = body.assignee ?? (action === 'assign' && incident.assignee === null ? who : undefined);
      const verdict = judgeAction({ ...incident, calling }, { action, assignee });
      if (verdict.kind === 'repeat') return;
      const given = assignee === undefined ? body : { ...body, assignee };
      this.#step(sql, incident, { action, state: verdict.state, who, body: given });
    });
  }

  /** Inside the ingest transaction. An event joins once, however often it comes. */
  #take(alarm: Alarm): void {
    const { db, onChanged } = this.#options;
    if (hasJoined(db.sql, alarm, alarm.eventId)) return;
    const joined = findJoinable(db.sql, alarm, alarm);
    const incidentId = joined?.id ?? this.#open(db.sql, alarm);
    insertAlarm(db.sql, { ...alarm, incidentId });
    if (joined !== undefined) this.#callAgain(db.sql, joined, alarm);
    db.afterCommit(() => onChanged(incidentId));
  }

  #open(sql: Database, alarm: Alarm): string {
    const { clock, audit } = this.#options;
    const id = uuidv7(clock);
    const { receivedAt: at, test, type } = alarm;
    // A test pages nobody (DESIGN, Panic).
    insertIncident(sql, { ...alarm, id, reach: test ? 'none' : alarm.reach });
    insertStep(sql, {
      incidentId: id,
      state: 'open',
      at,
      who: SITE,
      note: null,
      assignee: null,
      cause: null,
    });
    audit.append(sql, {
      who: SITE,
      action: 'incident.open',
      subject: id,
      detail: { device: clientIdOf(alarm), type, eventId: alarm.eventId, test },
    });
    return id;
  }

  #callAgain(sql: Database, incident: IncidentRow, { readType, eventId }: Alarm): void {
    const { clock, audit } = this.#options;
    if (incident.state === 'open' || incident.escalating_since_ms !== null) return;
    if (incident.reach !== 'all' || !callsAgain(readType)) return;
    restartEscalation(sql, incident.id, clock.wallMs());
    audit.append(sql, {
      who: SITE,
      action: 'incident.called-again',
      subject: incident.id,
      detail: { eventId, state: incident.state },
    });
  }

  #end(event: LedgerEvent, { topic, cause }: { topic: string; cause: string }): void {
    const { sql } = this.#options.db;
    const incident = findJoinable(sql, event, { topic, test: event.test });
    if (incident === undefined) return;
    this.#step(sql, incident, { action: 'resolve', state: 'resolved', who: SITE, body: { cause } });
  }

  #step(sql: Database, incident: IncidentRow, { action, state, who, body }: Step): void {
    const { db, clock, audit, onChanged } = this.#options;
    const at = new Date(clock.wallMs()).toISOString();
    const { note = null, assignee = null, cause = null } = body;
    const { id } = incident;
    advanceIncident(sql, { id, state, at, assignee, resolved: isClosed(state) });
    insertStep(sql, { incidentId: id, state, at, who, note, assignee, cause });
    if (isClosed(state)) withdrawNotifications(sql, id);
    audit.append(sql, {
      who,
      action: `incident.${action}`,
      subject: id,
      detail: { from: incident.state, to: state, note, assignee, cause },
    });
    db.afterCommit(() => onChanged(id));
  }

  #followUp(event: LedgerEvent): void {
    const { db, onChanged } = this.#options;
    const incidentId = followUp(db.sql, event);
    if (incidentId !== null) db.afterCommit(() => onChanged(incidentId));
  }

  #placeOf(address: DeviceAddress): Place | null {
    return this.#options.devices.device(address)?.place ?? null;
  }
}
