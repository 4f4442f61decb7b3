import type { Database } from 'better-sqlite3';
import type { Envelope } from '#contract/envelope.ts';
import type { ErrorCode } from '#contract/errors.ts';
import type { DeviceAddress } from '#contract/names.ts';
import type { Lane } from '#contract/topics.ts';

/** The site's one SQLite connection with group commit: everything that must stand together goes in one `commit`. */
export interface GroupCommit {
  /** For reading; sees what the open transaction has written. */
  readonly sql: Database;
  /**
   * Runs `work` at once, under a savepoint of the open transaction, and resolves with its answer when it is committed
   * and on the disk (unless configured otherwise). If `work` throws, its savepoint alone is rolled back and the promise
   * rejects; if COMMIT or the sync behind it fails, all that waited for it reject.
   */
  commit<T>(work: (sql: Database) => T): Promise<T>;
  /** Called from inside `work`: `effect` runs when that transaction is durable, in order; never when it failed. */
  afterCommit(effect: () => void): void;
  /**
   * Runs `effect` when all that can be read now is durable, in order with what follows commits: at once when nothing is
   * open or on its way to the disk. What the site tells of its state to the outside goes through here. When that
   * failed, `failed` is called in its place.
   */
  whenDurable(effect: () => void, failed?: (error: unknown) => void): void;
}

/** An event as the ledger took it. */
export interface LedgerEvent extends DeviceAddress {
  /** Ledger row: what lists and cursors order by. */
  readonly row: number;
  readonly lane: Lane;
  /** Wall clock of the site, RFC 3339. */
  readonly receivedAt: string;
  /** The envelope's time, or the site's estimate where the device's clock was unset. */
  readonly happenedAt: string;
  readonly test: boolean;
  readonly envelope: Envelope;
}

/** A message of the alarm lane that could not be accepted: it opens an incident all the same. */
export interface PoisonedAlarm extends DeviceAddress {
  readonly quarantineRow: number;
  readonly receivedAt: string;
  readonly code: ErrorCode;
  readonly eventId: string | null;
  readonly type: string | null;
}

/** Takes part in the ingest transaction: synchronous, inside `commit`; outward effects through `afterCommit`. */
export interface IngestListener {
  onEvent(event: LedgerEvent): void;
  onPoisonedAlarm(alarm: PoisonedAlarm): void;
  /** An event that was dated by its arrival has its true time now (`happenedAt`). */
  onRedated?(event: LedgerEvent): void;
}

/** Whether the site has granted test mode to what raised this event. */
export type TestJudge = (address: DeviceAddress, envelope: Envelope) => boolean;

/** Sends to devices over MQTT, QoS 1, never retained. */
export interface DeviceMessenger {
  /** True when the device is connected now. */
  isConnected(address: DeviceAddress): boolean;
  publish(topic: string, message: object): Promise<void>;
  /** Bytes as they are. Resolves when the device has confirmed them; rejects with WP3405 when it is not or no longer there. */
  deliver(address: DeviceAddress, topic: string, bytes: Buffer): Promise<void>;
}
