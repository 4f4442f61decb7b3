import type { Ledger } from '#broker/persistence/ledger/ledger.ts';
import type { LedgerIdentity } from '#broker/persistence/ledger/ledger-identity.ts';
import type { LaneKey } from '#broker/persistence/ledger/watermarks.ts';
import type { DeviceMessenger } from '#broker/persistence/ports.ts';
import type { Log } from '#contract/log.ts';
import { addressOfSource, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { downTopic, type Lane } from '#contract/topics.ts';
import type { ServerMetrics } from '../metrics.ts';

export interface ReceiptParts {
  readonly ledger: Ledger;
  readonly identity: LedgerIdentity;
  readonly messenger: DeviceMessenger;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  /** The receipt is out. */
  readonly onSent?: (receipt: SentReceipt) => void;
}

export interface SentReceipt extends DeviceAddress {
  readonly epoch: string;
  readonly lane: Lane;
  readonly upTo: number;
}

/**
 * Tells devices what is on the ledger's disk. Receipts are cumulative, so many events of a lane in one turn need
 * one receipt, and one that is lost is made good by the next, or by those sent at SUBSCRIBE.
 */
export class Receipts {
  readonly #parts: ReceiptParts;
  readonly #due = new Map<string, LaneKey>();
  #isDue = false;
  #isClosed = false;

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
  }

  close(): void {
    this.#isClosed = true;
    this.#due.clear();
  }

  /** After a commit: the watermark of this lane may be another one. */
  due(key: LaneKey): void {
    this.#due.set(`${key.source} ${key.epoch} ${key.lane}`, key);
    if (this.#isDue) return;
    this.#isDue = true;
    afterConfirmations(() => this.#send());
  }

  /** All that is known of the epochs in which the device was met last. */
  dueForAll(address: DeviceAddress): void {
    for (const key of this.#parts.ledger.watermarks.newest(sourceOf(address))) this.due(key);
  }

  #send(): void {
    const keys = [...this.#due.values()];
    this.#due.clear();
    this.#isDue = false;
    if (this.#isClosed) return;
    for (const key of keys) this.#sendOne(key);
  }

  #sendOne(key: LaneKey): void {
    const { ledger, identity, messenger, metrics, log, onSent } = this.#parts;
    const address = addressOfSource(key.source);
    if (address === null || !messenger.isConnected(address)) return;
    metrics.receipts.inc();
    const receipt = ledger.receipt(identity.ledgerId, key);
    messenger
      .publish(downTopic(address, 'receipt'), receipt)
      .then(() => onSent?.({ ...address, epoch: key.epoch, lane: key.lane, upTo: receipt.upTo }))
      .catch((error) => log.warn({ source: key.source, error: String(error) }, 'receipt.not-sent'));
  }
}

/**
 * Behind the confirmations, and in front of everything else that follows a COMMIT: the device gets both in one go.
 * The promises of the same COMMIT release them, and mqtt-packet holds their bytes back until the next tick.
 */
const afterConfirmations = (work: () => void): void =>
  queueMicrotask(() => process.nextTick(() => process.nextTick(work)));
