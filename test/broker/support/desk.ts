import { Escalation } from '#broker/incidents/escalation.ts';
import { DEFAULT_ESCALATION, type EscalationTable } from '#broker/incidents/escalation-table.ts';
import { IncidentDesk } from '#broker/incidents/incident-desk.ts';
import { IncidentView } from '#broker/incidents/incident-view.ts';
import { NotificationQueue } from '#broker/incidents/notification-queue.ts';
import type { Notifier } from '#broker/incidents/notifier.ts';
import type { DeviceDirectory, KnownDevice } from '#broker/incidents/ports.ts';
import { DEFAULT_RULES } from '#broker/incidents/rules.ts';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { LedgerEvent } from '#broker/persistence/ports.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import { Envelope } from '#contract/envelope.ts';
import { EVENT_LANES, isEventType } from '#contract/event-types.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { uuidv7 } from '#contract/uuid.ts';
import type { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog } from '#test/support/site-database.ts';

/** What tap's `t` gives to settings. */
export interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

export const PILLAR: DeviceAddress = { site: 'mall', device: 'pillar-001' };
export const PLACE = { label: 'North gate', latitude: 31.2, longitude: 121.5 };

/** Devices that a test puts there by hand. */
export class HandDirectory implements DeviceDirectory {
  readonly known = new Map<string, KnownDevice>();

  put(device: Partial<KnownDevice> & DeviceAddress): KnownDevice {
    const known = { online: true, lastSeenAt: null, place: null, state: null, ...device };
    this.known.set(clientIdOf(device), known);
    return known;
  }

  device(address: DeviceAddress): KnownDevice | null {
    return this.known.get(clientIdOf(address)) ?? null;
  }

  devices(): readonly KnownDevice[] {
    return [...this.known.values()];
  }
}

export interface DeskSetting {
  readonly db: SiteDatabase;
  readonly clock: ManualClock;
  readonly table?: EscalationTable;
  readonly notifiers?: readonly Notifier[];
  readonly consoles?: () => number;
}

/** The incident side of a site without MQTT and HTTP, over a real database. */
export function incidentSide({ db, clock, ...setting }: DeskSetting) {
  const { table = DEFAULT_ESCALATION, notifiers = [], consoles = () => 1 } = setting;
  const audit = new AuditLog(clock);
  const devices = new HandDirectory();
  const view = new IncidentView(db, table);
  const changes: string[] = [];
  const onChanged = (id: string) => void changes.push(id);
  const queue = new NotificationQueue({
    ...{ db, clock, log: silentLog, audit, notifiers, onChanged },
    random: () => 0.5,
  });
  const escalation = new Escalation({
    ...{ db, clock, log: silentLog, audit, table, view, queue, devices, consoles, onChanged },
  });
  const desk = new IncidentDesk({
    ...{ db, clock, audit, devices, rules: DEFAULT_RULES },
    onChanged: (id) => {
      onChanged(id);
      escalation.wake();
    },
  });
  return { audit, devices, view, changes, queue, escalation, desk };
}

export interface EventSketch {
  readonly type: string;
  readonly from?: DeviceAddress;
  readonly data?: Record<string, unknown>;
  readonly test?: boolean;
  readonly id?: string;
}

let row = 0;

/** A ledger event as the ingest transaction hands it over. */
export function ledgerEvent(clock: ManualClock, sketch: EventSketch): LedgerEvent {
  const { type, from = PILLAR, data = {}, test = false, id = uuidv7(clock) } = sketch;
  row += 1;
  const at = new Date(clock.wallMs()).toISOString();
  const lane = isEventType(type) ? EVENT_LANES[type] : 'alarm';
  const envelope = Envelope.parse({
    ...{ specversion: '1.0', id, source: sourceOf(from), type, time: at },
    data: { place: PLACE, input: 'button', ...data },
    ...{ wpepoch: 'e1', wpseq: row, wplane: lane, wpclock: 'synced', wpmono: '5', wpboot: 'b1' },
  });
  return { ...from, row, lane, receivedAt: at, happenedAt: at, test, envelope };
}
