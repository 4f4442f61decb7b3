import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventRecorder, RecordedAlarm } from '#agent/ports/events.ts';
import { noFailpoint } from '#agent/ports/failpoint.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { EventData, Sample } from '#contract/event-data.ts';
import { EVENT_LANES, type EventType } from '#contract/event-types.ts';
import type { DeviceState, Receipt } from '#contract/messages.ts';
import type { Lane } from '#contract/topics.ts';
import { declareAll } from './declarations.ts';
import { type Draft, Envelopes, unstored } from './envelopes.ts';
import type { JournalOptions } from './journal-options.ts';
import { type JournalParts, openJournalParts } from './journal-parts.ts';
import type { JournalRecord, ReceiptOutcome } from './record.ts';

const TEND_EVERY_MS = 30_000;
const FIRST_TEND_MS = 1_000;
const DAY_MS = 86_400_000;
const REMEMBERED_ALARMS = 100;

type LaneStates = NonNullable<DeviceState['lanes']>;
type LaneCounts = Record<Lane, number>;

/** What the device has to say, on its own disk before anything claims that it was said. */
export class Journal implements EventRecorder {
  readonly #options: JournalOptions;
  readonly #envelopes: Envelopes;
  readonly #ready = new Set<() => void>();
  #open: JournalParts | null = null;
  #timers: Cancel[] = [];
  #isLinkUp = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#envelopes = new Envelopes(options.address, options.clock);
  }

  /** Opens both files. Throws WP2003 (newer version), WP2004 (in use), WP2013 (folder). */
  start(): void {
    if (this.#open !== null) return;
    const { clock, dir } = this.#options;
    makeFolder(dir);
    const failpoint = this.#options.failpoint ?? noFailpoint;
    this.#open = openJournalParts({
      ...this.#options,
      failpoint,
      envelopes: this.#envelopes,
      alarmFile: join(dir, 'alarm.db'),
      eventFile: join(dir, 'events.db'),
      ballastFile: join(dir, 'ballast'),
      onReady: () => this.#announce(),
    });
    this.#timers = [
      // Not at once: filling the ballast may take a slow card longer than a device may take to arm.
      clock.after(FIRST_TEND_MS, () => this.tend()),
      clock.every(TEND_EVERY_MS, () => this.tend()),
    ];
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
    this.#open?.close();
    this.#open = null;
  }

  /** Whether an alarm could be written now. Writes nothing. @throws WP2013 (not open), or what SQLite throws */
  probe(): void {
    this.#parts.alarms.probe();
  }

  recordAlarm<T extends EventType>(type: T, data: EventData<T>): RecordedAlarm {
    checkLane(type, ['alarm']);
    const { alarms, room } = this.#parts;
    const draft = this.#envelopes.draft('alarm', type, data);
    const error = room.store(() => alarms.append(draft));
    if (error !== null) this.#hold(draft, error);
    this.#announce();
    return { id: draft.id, stored: error === null };
  }

  recordEvent<T extends EventType>(type: T, data: EventData<T>): string {
    checkLane(type, ['event']);
    const draft = this.#envelopes.draft('event', type, data);
    this.#parts.events.append('event', draft);
    return draft.id;
  }

  recordSample(sample: Sample): void {
    this.#parts.telemetry.record(sample);
  }

  /** Facts that outlive a restart, in the file of the alarms. */
  get memory(): Memory {
    return this.#parts.facts;
  }

  /** Up to `limit` records waiting in a lane behind `key`, in order. Only what is committed. */
  after(lane: Lane, key: number, limit: number): JournalRecord[] {
    const { alarms, events, telemetry } = this.#parts;
    if (lane === 'alarm') return alarms.pendingAfter(key, limit);
    if (lane === 'telemetry') return telemetry.after(key, limit);
    return events.event.after(Math.max(key, events.event.book.receiptedTo), limit);
  }

  /** One waiting record, or null when it is gone. */
  at(lane: Lane, key: number): JournalRecord | null {
    const { events, telemetry } = this.#parts;
    if (lane === 'alarm') return this.after('alarm', key - 1, 1).find((record) => record.key === key) ?? null;
    return lane === 'event' ? events.event.at(key) : telemetry.at(key);
  }

  /** Alarms that could not be stored and that the ledger has not confirmed. */
  volatileAlarms(): JournalRecord[] {
    return this.#parts.volatile.all();
  }

  /** Never throws: what the disk does not take now, the next receipt settles. */
  applyReceipt(receipt: Receipt): ReceiptOutcome | null {
    const { receipts } = this.#parts;
    this.#options.clock.offerSiteTime(Date.parse(receipt.siteTime));
    try {
      const outcome = receipts.apply(receipt);
      this.#declare();
      return outcome;
    } catch (error) {
      this.#options.log.error(
        { code: 'WP2008', lane: receipt.lane, err: error },
        'journal.receipt-not-applied',
      );
      return null;
    }
  }

  noteResent(lane: Lane, key: number): void {
    this.#parts.receipts.noteResent(lane, key);
  }

  /** While the link is up telemetry goes from memory, and what is owed to the site is declared. */
  setLink(state: 'up' | 'down'): void {
    this.#isLinkUp = state === 'up';
    this.#parts.telemetry.setMode(this.#isLinkUp ? 'live' : 'offline');
    if (this.#isLinkUp) this.#declare();
  }

  /** Newest alarms that the ledger has, newest first: a part that missed a receipt catches up with them. */
  recentlyReceived(): string[] {
    return this.#parts.alarms.recentlyReceived(REMEMBERED_ALARMS);
  }

  lanes(): LaneStates {
    const { alarms, events, telemetry } = this.#parts;
    const of = (lane: 'event' | 'telemetry') => {
      const { book } = events.table(lane);
      const { oldest, newest } = events.table(lane).bounds(book.receiptedTo);
      return { epoch: book.epoch, oldest, newest };
    };
    const { oldest, newest } = alarms.extent();
    const stored = of('telemetry');
    const live = telemetry.seqsBetween(1, Number.MAX_SAFE_INTEGER);
    return {
      alarm: { epoch: alarms.book.epoch, oldest, newest },
      event: of('event'),
      telemetry: { ...stored, oldest: live[0] ?? 0, newest: live.at(-1) ?? 0 },
    };
  }

  /** The latest time of the site that a receipt has brought; 0 when none has. */
  lastSiteTimeMs(): number {
    const { alarms, events } = this.#parts;
    return Math.max(alarms.book.siteTimeMs, events.event.book.siteTimeMs, events.telemetry.book.siteTimeMs);
  }

  /** How many records wait in each lane, those in memory included. */
  queues(): LaneCounts {
    const { alarms, events, telemetry, volatile } = this.#parts;
    const { event } = events;
    return {
      alarm: alarms.extent().count + volatile.size,
      event: event.count(event.book.receiptedTo),
      telemetry: events.telemetry.count(0) + telemetry.waiting,
    };
  }

  counters(): JournalCounters {
    const { events, receipts, room, volatile } = this.#parts;
    const { rejected, mismatches } = receipts;
    const disk = room.isTight ? 'full' : 'ok';
    return { dropped: { ...events.dropped }, rejected, mismatches, unstored: volatile.size, disk };
  }

  /** The database of events, for what else is kept there. */
  get parts(): Pick<JournalParts, 'events' | 'eventSql'> {
    return this.#parts;
  }

  /** Called when something new can be sent. */
  onReady(listener: () => void): () => void {
    this.#ready.add(listener);
    return () => {
      this.#ready.delete(listener);
    };
  }

  /** Housekeeping, every half minute: ballast, quota, what was put off, alarms past their time. */
  tend(): void {
    const { room, alarms, events } = this.#parts;
    const { clock, keepAlarmsDays, log } = this.#options;
    room.tend();
    events.tend();
    if (this.#isLinkUp) this.#declare();
    if (clock.quality() === 'unset') return;
    const error = room.store(() => alarms.prune(clock.wallMs() - keepAlarmsDays * DAY_MS));
    if (error !== null) log.warn({ err: error }, 'journal.not-pruned');
  }

  /** Writes what waits for its commit now. */
  flush(): void {
    this.#parts.events.flush();
  }

  #declare(): void {
    try {
      declareAll(this.#parts, this.#envelopes);
    } catch (error) {
      this.#options.log.warn({ code: 'WP2008', err: error }, 'journal.not-declared');
    }
  }

  #hold(draft: Draft, error: unknown): void {
    const { alarms, volatile } = this.#parts;
    const { log } = this.#options;
    log.error({ code: 'WP2006', id: draft.id, type: draft.type, err: error }, 'journal.alarm-not-stored');
    if (volatile.add(draft.id, unstored(draft, alarms.book.epoch))) return;
    log.error({ code: 'WP2007', id: draft.id, held: volatile.size }, 'journal.alarm-not-held');
  }

  /** What is stored is stored: nothing that goes wrong with sending it may say otherwise to who recorded it. */
  #announce(): void {
    for (const listener of this.#ready) {
      try {
        listener();
      } catch (error) {
        this.#options.log.error({ code: 'WP2208', about: 'ready', err: error }, 'journal.listener-failed');
      }
    }
  }

  get #parts(): JournalParts {
    if (this.#open === null) throw new WatchpostError('WP2013', { detail: 'the journal is not open' });
    return this.#open;
  }
}

export interface JournalCounters {
  readonly dropped: Record<'event' | 'telemetry', number>;
  readonly rejected: number;
  readonly mismatches: number;
  /** Alarms in memory alone. */
  readonly unstored: number;
  readonly disk: 'ok' | 'full';
}

function checkLane(type: EventType, lanes: readonly Lane[]): void {
  const lane = EVENT_LANES[type];
  if (!lanes.includes(lane)) {
    throw new WatchpostError('WP2001', { detail: `${type} belongs to the ${lane} lane` });
  }
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new WatchpostError('WP2013', { detail: dir, cause: error });
  }
}
