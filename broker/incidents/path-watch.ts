import type { IngestListener, LedgerEvent } from '#broker/persistence/ports.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import {
  hasOpenCall,
  insertPathTest,
  listPathTests,
  readWatches,
  recordMeasured,
  recordMissed,
  recordReceipted,
  redatePathTest,
  type WatchRow,
  watchFrom,
} from './path-test-rows.ts';
import type { DeviceDirectory, KnownDevice, SiteEvents } from './ports.ts';

export interface PathWatchOptions {
  readonly db: SiteDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly devices: DeviceDirectory;
  readonly events: SiteEvents;
  /** How long the broker has run on this database, in milliseconds. */
  readonly siteTime: { readonly ranMs: number };
  /** For a device that has not said how often it tests; 0: such a device is not judged. Hours. */
  readonly testEveryH: number;
  /** How much later than that a test may come. Hours. */
  readonly toleranceH: number;
}

/** What went out to a device (`down/receipt`). */
export interface SentReceipt extends DeviceAddress {
  readonly epoch: string;
  readonly lane: string;
  readonly upTo: number;
}

interface Unreceipted {
  readonly eventId: string;
  readonly epoch: string;
  readonly seq: number;
}

const LOOK_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
/** After a start of the site, and after a call for help, the device has this long to bring what it owes. */
const GRACE_MS = 1_800_000;
/** While the call is open that time is renewed this often. */
const RENEW_MS = 300_000;

/**
 * Keeps the times of the devices' test alarms and misses those that do not come: `wp.path.missed.v1` once, ended by
 * the next test. Being online is no excuse: a link that carries pings and no alarms is what the test is for. Time
 * counts while the broker runs, so that neither a wall clock nor a night switched off raises faults.
 */
export class PathWatch implements IngestListener {
  readonly #options: PathWatchOptions;
  readonly #unreceipted = new Map<string, Unreceipted>();
  #startedRanMs = 0;
  #cancel: Cancel | null = null;
  #looking = false;

  constructor(options: PathWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#startedRanMs = this.#options.siteTime.ranMs;
    this.#cancel ??= this.#options.clock.every(LOOK_EVERY_MS, () => void this.look());
  }

  /** Idempotent. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  onEvent(event: LedgerEvent): void {
    const { envelope } = event;
    if (envelope.type === 'wp.path.tested.v1') this.#tested(event);
    if (envelope.type !== 'wp.path.measured.v1') return;
    const measured = EVENT_DATA[envelope.type].parse(envelope.data);
    recordMeasured(this.#options.db.sql, event, measured);
  }

  /** Nothing of a message that could not be read is believed; as an alarm it opens an incident elsewhere. */
  onPoisonedAlarm(): void {
    return;
  }

  onRedated({ envelope, happenedAt }: LedgerEvent): void {
    if (envelope.type === 'wp.path.tested.v1') {
      redatePathTest(this.#options.db.sql, envelope.id, happenedAt);
    }
  }

  /** A receipt is out: for the test that it covers this is when the device could know. */
  receipted({ epoch, lane, upTo, ...address }: SentReceipt): void {
    const id = clientIdOf(address);
    const waiting = this.#unreceipted.get(id);
    if (waiting === undefined || lane !== 'alarm') return;
    if (waiting.epoch !== epoch || waiting.seq > upTo) return;
    this.#unreceipted.delete(id);
    const at = this.#now();
    this.#options.db.commitLazily((sql) => recordReceipted(sql, waiting.eventId, at));
  }

  /** One look at every device; what fails is looked at again. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { db, devices } = this.#options;
      const watches = new Map(readWatches(db.sql).map((row) => [clientIdOf(row), row]));
      for (const device of devices.devices()) await this.#judge(device, watches.get(clientIdOf(device)));
    } catch (error) {
      this.#options.log.error({ error: String(error) }, 'path-watch.failed');
    } finally {
      this.#looking = false;
    }
  }

  async #judge(device: KnownDevice, watch: WatchRow | undefined): Promise<void> {
    const { db, siteTime, toleranceH } = this.#options;
    const { ranMs } = siteTime;
    if (watch === undefined) return db.commit((sql) => watchFrom(sql, device, ranMs));
    const intervalH = this.#intervalH(device);
    const allowedMs = (intervalH + toleranceH) * HOUR_MS;
    if (intervalH === 0 || watch.missed_at !== null) return;
    const leftMs = watch.since_ran_ms + allowedMs - ranMs;
    if (leftMs < GRACE_MS - RENEW_MS && hasOpenCall(db.sql, device)) {
      return db.commit((sql) => watchFrom(sql, device, ranMs - allowedMs + GRACE_MS));
    }
    if (leftMs >= 0 || ranMs - this.#startedRanMs <= Math.min(GRACE_MS, allowedMs)) return;
    await this.#missed(device, intervalH);
  }

  async #missed(device: KnownDevice, intervalH: number): Promise<void> {
    const { db, events, log, toleranceH } = this.#options;
    await db.commit((sql) => {
      const [last] = listPathTests(sql, device, 1);
      recordMissed(sql, device, this.#now());
      events.record(device, 'wp.path.missed.v1', {
        device: device.device,
        lastTestAt: last?.receivedAt ?? null,
        intervalH,
        toleranceH,
        online: device.online,
      });
    });
    log.warn({ device: clientIdOf(device), online: device.online }, 'path-watch.missed');
  }

  #tested(event: LedgerEvent): void {
    const { db, siteTime } = this.#options;
    const { site, device, envelope, happenedAt, receivedAt } = event;
    const { cause } = EVENT_DATA['wp.path.tested.v1'].parse(envelope.data);
    const raised = { site, device, eventId: envelope.id, cause, raisedAt: happenedAt, receivedAt };
    insertPathTest(db.sql, raised);
    watchFrom(db.sql, event, siteTime.ranMs);
    const { wpseq, wpepoch: epoch, id: eventId } = envelope;
    if (wpseq === undefined) return;
    db.afterCommit(() => this.#unreceipted.set(clientIdOf(event), { eventId, epoch, seq: wpseq }));
  }

  #intervalH({ state }: KnownDevice): number {
    return state?.testEveryH ?? this.#options.testEveryH;
  }

  #now(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }
}
