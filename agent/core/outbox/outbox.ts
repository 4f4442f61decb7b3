import { type Failpoint, noFailpoint } from '#agent/ports/failpoint.ts';
import type { Session, Traffic } from '#agent/ports/traffic.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { Receipt } from '#contract/messages.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { LANES, type Lane, upTopic } from '#contract/topics.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalRecord } from '../journal/record.ts';
import type { BlobPiece, BlobQueue } from './blob-queue.ts';
import { DeliveryBoard } from './delivery-board.ts';
import { LaneCursor, type Step } from './lane-cursor.ts';

export interface OutboxOptions {
  readonly address: DeviceAddress;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** QoS 1 messages in flight, of which `alarmSlots` are kept for alarms. */
  readonly window: number;
  readonly alarmSlots: number;
  readonly blobs?: BlobQueue;
  readonly failpoint?: Failpoint;
}

/** Confirmed by the broker but not by the ledger for this long: sent again. The ledger knows what it has. */
const RECEIPT_TIMEOUT_MS = 60_000;
const TEND_EVERY_MS = RECEIPT_TIMEOUT_MS / 4;

/**
 * Decides what goes out next: alarms, unstored alarms, events, telemetry, and pieces of blobs last. In order within
 * a lane, many in flight. Everything unconfirmed goes again with the next connection; the ledger takes it once.
 */
export class Outbox implements Traffic {
  readonly delivery: DeliveryBoard;
  readonly #options: OutboxOptions;
  readonly #failpoint: Failpoint;
  readonly #cursors: Record<Lane, LaneCursor>;
  readonly #topics: Record<Lane, string>;
  /** By id, what is on its way as it stands in the journal now. */
  readonly #inFlight = new Map<string, Step>();
  /** Messages without a PUBACK, those of an epoch that is over included: they hold their place in the window. */
  #unconfirmed = 0;
  readonly #volatileSent = new Set<string>();
  /** Confirmed by the broker alone, with when. */
  readonly #unreceipted: Record<Lane, number | null> = { alarm: null, event: null, telemetry: null };
  readonly #lanesListeners = new Set<() => void>();
  #session: Session | null = null;
  #isBlobInFlight = false;
  #isBlobWanted = false;
  #stopListening: Cancel[] = [];
  #tendedMs = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#failpoint = options.failpoint ?? noFailpoint;
    this.delivery = new DeliveryBoard(options.log);
    const { journal, address } = options;
    this.#cursors = {
      alarm: new LaneCursor(journal, 'alarm'),
      event: new LaneCursor(journal, 'event'),
      telemetry: new LaneCursor(journal, 'telemetry'),
    };
    this.#topics = {
      alarm: upTopic(address, 'alarm'),
      event: upTopic(address, 'event'),
      telemetry: upTopic(address, 'telemetry'),
    };
  }

  /** After the journal, and after those who listen to `delivery`: it tells them what they may have missed. */
  start(): void {
    const { journal, clock, blobs } = this.#options;
    if (this.#stopListening.length > 0) return;
    this.#tendedMs = clock.monoMs();
    this.#stopListening = [
      journal.onReady(() => this.#wake()),
      clock.every(TEND_EVERY_MS, () => this.#tend()),
    ];
    if (blobs !== undefined) this.#stopListening.push(blobs.onReady(() => this.#pump()));
    for (const id of journal.recentlyReceived().reverse()) this.delivery.received(id);
  }

  close(): void {
    for (const cancel of this.#stopListening) cancel();
    this.#stopListening = [];
    this.#session = null;
  }

  connected(session: Session): void {
    this.#session = session;
    this.#inFlight.clear();
    this.#unconfirmed = 0;
    this.#volatileSent.clear();
    this.#isBlobInFlight = false;
    for (const lane of LANES) this.#restart(lane);
    this.#options.journal.setLink('up');
    this.#pump();
  }

  disconnected(): void {
    if (this.#session === null) return;
    this.#session = null;
    this.#options.journal.setLink('down');
  }

  receive(receipt: Receipt): void {
    const outcome = this.#options.journal.applyReceipt(receipt);
    if (outcome === null) return;
    const { lane } = receipt;
    const isOwed = lane === 'alarm' ? this.isUrgent() : this.#isWaiting(lane);
    this.#unreceipted[lane] = isOwed ? this.#options.clock.monoMs() : null;
    for (const id of outcome.received) this.delivery.received(id);
    if (outcome.restart) {
      this.#forgetFlying(lane);
      this.#restart(lane);
      for (const listener of this.#lanesListeners) listener();
    }
    this.#cursors[lane].again(outcome.again);
    this.#pump();
  }

  /**
   * Whether what is recorded goes out in time. Writes nothing.
   * @throws WatchpostError WP2611 where it is not started, or has not looked after itself three times in a row
   */
  probe(): void {
    const isStarted = this.#stopListening.length > 0;
    if (isStarted && this.#options.clock.monoMs() - this.#tendedMs < 3 * TEND_EVERY_MS) return;
    throw new WatchpostError('WP2611', { detail: isStarted ? 'the outbox stands still' : 'no outbox' });
  }

  lanes(): ReturnType<Journal['lanes']> {
    return this.#options.journal.lanes();
  }

  isUrgent(): boolean {
    const { journal } = this.#options;
    return journal.volatileAlarms().length > 0 || this.#isWaiting('alarm');
  }

  /** Called when a lane has a new epoch or is sent anew: what `up/state` says of it has changed. */
  onLanesChanged(listener: () => void): () => void {
    this.#lanesListeners.add(listener);
    return () => {
      this.#lanesListeners.delete(listener);
    };
  }

  #restart(lane: Lane): void {
    this.#cursors[lane].restart();
    this.#unreceipted[lane] = null;
  }

  /** What is on its way has another place in the journal now: it must go again, whatever becomes of the copy. */
  #forgetFlying(lane: Lane): void {
    for (const [id, { record }] of this.#inFlight) if (record.lane === lane) this.#inFlight.delete(id);
  }

  #isWaiting(lane: Lane): boolean {
    return this.#options.journal.after(lane, 0, 1).length > 0;
  }

  #wake(): void {
    for (const lane of LANES) this.#cursors[lane].wake();
    this.#pump();
  }

  /** Fills the window. */
  #pump(): void {
    for (let session = this.#session; session !== null; session = this.#session) {
      const step = this.#nextStep();
      if (step === null) break;
      this.#send(session, step);
    }
    if (this.#session !== null) this.#sendBlob(this.#session);
  }

  #nextStep(): Step | null {
    const { window, alarmSlots } = this.#options;
    if (this.#unconfirmed >= window) return null;
    const alarm = this.#nextOf('alarm') ?? this.#nextVolatile();
    if (alarm !== null || this.#unconfirmed >= window - alarmSlots) return alarm;
    return this.#nextOf('event') ?? this.#nextOf('telemetry');
  }

  /** A lane that the card does not give back keeps neither the other lanes nor who recorded something waiting. */
  #nextOf(lane: Lane): Step | null {
    try {
      return this.#cursors[lane].next(this.#isInFlight);
    } catch (error) {
      this.#options.log.error({ code: 'WP2011', lane, err: error }, 'outbox.lane-unreadable');
      return null;
    }
  }

  #isInFlight = (id: string): boolean => this.#inFlight.has(id);

  #nextVolatile(): Step | null {
    const record = this.#options.journal.volatileAlarms().find(({ id }) => !this.#volatileSent.has(id));
    if (record === undefined) return null;
    this.#volatileSent.add(record.id);
    return { record, cause: 'turn' };
  }

  #send(session: Session, step: Step): void {
    const { record, cause } = step;
    this.#inFlight.set(record.id, step);
    this.#unconfirmed += 1;
    this.#failpoint('outbox.before-publish');
    session.publish(this.#topics[record.lane], record.body, (error) => {
      if (session !== this.#session) return;
      this.#unconfirmed -= 1;
      const isCurrent = this.#inFlight.get(record.id) === step;
      if (isCurrent) this.#inFlight.delete(record.id);
      if (isCurrent && error === null) this.#confirmed(record, cause);
      this.#pump();
    });
    this.#failpoint('outbox.after-publish');
  }

  #confirmed(record: JournalRecord, cause: Step['cause']): void {
    const { clock, journal } = this.#options;
    this.#failpoint('outbox.after-puback');
    if (cause === 'asked') journal.noteResent(record.lane, record.key);
    this.#unreceipted[record.lane] ??= clock.monoMs();
    if (record.lane === 'alarm' && record.isKnown === undefined) this.delivery.sent(record.id);
  }

  #tend(): void {
    this.#tendedMs = this.#options.clock.monoMs();
    this.#resendUnreceipted();
  }

  /** The receipt may have been lost on the way, or a broker in between holds the messages. */
  #resendUnreceipted(): void {
    if (this.#session === null) return;
    const { clock, log } = this.#options;
    for (const lane of LANES) {
      const sinceMs = this.#unreceipted[lane];
      if (sinceMs === null || clock.monoMs() - sinceMs < RECEIPT_TIMEOUT_MS) continue;
      log.warn({ lane }, 'outbox.receipt-overdue');
      this.#restart(lane);
      if (lane === 'alarm') this.#volatileSent.clear();
    }
    this.#pump();
  }

  /** One piece in flight, and only while nothing else waits. */
  #sendBlob(session: Session): void {
    const { blobs, address, log } = this.#options;
    if (blobs === undefined || this.#unconfirmed > 0) return;
    this.#isBlobWanted = true;
    if (this.#isBlobInFlight) return;
    this.#isBlobInFlight = true;
    this.#isBlobWanted = false;
    blobs.next(address).then(
      (piece) => this.#publishPiece(session, piece),
      (error: unknown) => {
        this.#isBlobInFlight = false;
        log.warn({ code: 'WP2012', err: error }, 'outbox.blob-failed');
      },
    );
  }

  #publishPiece(session: Session, piece: BlobPiece | null): void {
    if (session !== this.#session) return;
    if (piece === null) {
      this.#isBlobInFlight = false;
      // One was added while the queue was being looked at.
      if (this.#isBlobWanted) this.#sendBlob(session);
      return;
    }
    session.publish(piece.topic, piece.payload, (error) => {
      if (session !== this.#session) return;
      this.#isBlobInFlight = false;
      if (error === null) piece.sent();
      this.#pump();
    });
  }
}
