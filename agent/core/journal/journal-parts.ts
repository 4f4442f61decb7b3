import type { Failpoint } from '#agent/ports/failpoint.ts';
import { AlarmRoom } from './alarm-room.ts';
import { AlarmStore } from './alarm-store.ts';
import { Ballast } from './ballast.ts';
import {
  type DatabaseFileOptions,
  isDamage,
  isFull,
  type OpenedDatabase,
  openDatabaseFile,
  replaceDamaged,
  type Sql,
} from './database-file.ts';
import type { Envelopes } from './envelopes.ts';
import { EventStore } from './event-store.ts';
import { Facts } from './facts.ts';
import type { JournalOptions } from './journal-options.ts';
import { ReceiptBook } from './receipt-book.ts';
import { salvageAlarms, salvageFacts } from './salvage.ts';
import { ALARM_MIGRATIONS, EVENT_MIGRATIONS } from './schema.ts';
import { TelemetryLane } from './telemetry-lane.ts';
import { VolatileAlarms } from './volatile-alarms.ts';

export interface JournalPartsOptions extends JournalOptions {
  readonly failpoint: Failpoint;
  readonly envelopes: Envelopes;
  readonly alarmFile: string;
  readonly eventFile: string;
  readonly ballastFile: string;
  readonly onReady: () => void;
}

/** An open journal. */
export interface JournalParts {
  readonly alarms: AlarmStore;
  readonly events: EventStore;
  readonly eventSql: Sql;
  readonly telemetry: TelemetryLane;
  readonly volatile: VolatileAlarms;
  readonly room: AlarmRoom;
  readonly facts: Facts;
  readonly receipts: ReceiptBook;
  close(): void;
}

const PAGE_BYTES = 4096;
/** Small: what is in the log needs room a second time when it is moved, and a full disk has none. */
const ALARM_LOG_PAGES = 64;
const EVENT_LOG_PAGES = 256;

/** Opens the files and puts the parts of the journal together. Works on a full disk, unless there is no journal yet. */
export function openJournalParts(options: JournalPartsOptions): JournalParts {
  const ballast = new Ballast(options.ballastFile, options.ballastBytes);
  const alarmFile = openWith(ballast, {
    file: options.alarmFile,
    migrations: ALARM_MIGRATIONS,
    synchronous: 'FULL',
    logPages: ALARM_LOG_PAGES,
  });
  const alarms = openAlarms(alarmFile, options);
  const { file: eventFile, events } = openSoundEvents(ballast, options);
  const room = new AlarmRoom({ alarms, ballast, events, log: options.log });
  const error = room.store(() => events.begin());
  if (error !== null) options.log.error({ code: 'WP2008', err: error }, 'journal.events-not-begun');
  const telemetry = new TelemetryLane({ ...options, store: events });
  const volatile = new VolatileAlarms();
  const facts = new Facts({ sql: alarmFile.sql, log: options.log, makeRoom: () => room.releaseBallast() });
  const receipts = new ReceiptBook({ ...options, alarms, events, telemetry, volatile });
  const close = () => {
    telemetry.close();
    events.close();
    eventFile.sql.close();
    alarmFile.sql.close();
  };
  return { alarms, events, eventSql: eventFile.sql, telemetry, volatile, room, facts, receipts, close };
}

function openWith(ballast: Ballast, file: DatabaseFileOptions): OpenedDatabase {
  try {
    return openDatabaseFile(file);
  } catch (error) {
    if (!isFull(error) || !ballast.release()) throw error;
    return openDatabaseFile(file);
  }
}

function openAlarms({ sql, damaged }: OpenedDatabase, options: JournalPartsOptions): AlarmStore {
  const { log, failpoint, alarmMaxBytes } = options;
  if (alarmMaxBytes !== undefined) {
    sql.pragma(`max_page_count = ${Math.floor(alarmMaxBytes / PAGE_BYTES)}`);
  }
  const alarms = new AlarmStore(sql, failpoint);
  alarms.load(damaged === null ? 'new' : 'corrupt');
  if (damaged !== null) {
    const saved = salvageAlarms(damaged, alarms, log);
    salvageFacts(damaged, sql, log);
    log.error({ code: 'WP2005', file: damaged, saved }, 'journal.damaged');
  }
  return alarms;
}

/** Large files are not checked as a whole: damage may show only now, and must not keep the button from arming. */
function openSoundEvents(
  ballast: Ballast,
  options: JournalPartsOptions,
): { file: OpenedDatabase; events: EventStore } {
  const fileOptions: DatabaseFileOptions = {
    file: options.eventFile,
    migrations: EVENT_MIGRATIONS,
    synchronous: 'NORMAL',
    logPages: EVENT_LOG_PAGES,
  };
  const file = openWith(ballast, fileOptions);
  try {
    return { file, events: openEvents(file, options) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const anew = replaceDamaged(file, fileOptions);
    return { file: anew, events: openEvents(anew, options) };
  }
}

function openEvents({ sql, damaged }: OpenedDatabase, options: JournalPartsOptions): EventStore {
  const { clock, log, failpoint, maxBytes, onReady } = options;
  if (damaged !== null) log.error({ code: 'WP2005', file: damaged }, 'journal.damaged');
  const { bootId } = clock;
  const events = new EventStore({ sql, clock, log, failpoint, maxBytes, bootId, onCommitted: onReady });
  events.load(damaged === null ? 'new' : 'corrupt');
  return events;
}
