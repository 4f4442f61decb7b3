import type { Failpoint } from '#agent/ports/failpoint.ts';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { Receipt } from '#contract/messages.ts';
import type { AlarmStore } from './alarm-store.ts';
import type { EventStore } from './event-store.ts';
import type { BulkLane } from './event-table.ts';
import type { Confirmed } from './lane-book.ts';
import { MissingRecords } from './missing-records.ts';
import { isOtherLedger, judgeReceipt, type LaneView, type Verdict } from './receipt-verdict.ts';
import { NOTHING_CHANGED, type ReceiptOutcome } from './record.ts';
import type { TelemetryLane } from './telemetry-lane.ts';
import type { VolatileAlarms } from './volatile-alarms.ts';

export interface ReceiptBookOptions {
  readonly alarms: AlarmStore;
  readonly events: EventStore;
  readonly telemetry: TelemetryLane;
  readonly volatile: VolatileAlarms;
  readonly clock: Clock;
  readonly log: Log;
  readonly failpoint: Failpoint;
}

const confirmedBy = ({ upTo, atId, ledgerId, siteTime }: Receipt): Confirmed => ({
  upTo,
  atId,
  ledgerId,
  siteTimeMs: Date.parse(siteTime),
});

/** Applies receipts to the journal (DESIGN, Delivery). Receipt before delete; a doubtful one deletes nothing. */
export class ReceiptBook {
  readonly #options: ReceiptBookOptions;
  readonly #missing: MissingRecords;
  rejected = 0;
  mismatches = 0;

  constructor(options: ReceiptBookOptions) {
    this.#options = options;
    this.#missing = new MissingRecords(options);
  }

  /**
   * Unstored alarms that the ledger has are let go first: no disk is needed for that. Of the rest throws what SQLite
   * throws when the disk does not take it, unless there were such alarms to tell of; the next receipt settles it.
   */
  apply(receipt: Receipt): ReceiptOutcome {
    this.#options.failpoint('journal.receipt.before-apply');
    const received = this.#options.volatile.remove(receipt.volatile ?? []);
    const outcome = this.#applyStored(receipt, received.length > 0 ? 'told' : 'thrown');
    this.#options.failpoint('journal.receipt.after-apply');
    return { ...outcome, received: [...outcome.received, ...received] };
  }

  #applyStored(receipt: Receipt, failure: 'told' | 'thrown'): ReceiptOutcome {
    const { lane } = receipt;
    try {
      return lane === 'alarm' ? this.#applyAlarm(receipt) : this.#applyBulk(receipt, lane);
    } catch (error) {
      if (failure === 'thrown') throw error;
      this.#options.log.error({ code: 'WP2008', lane, err: error }, 'journal.receipt-not-applied');
      return NOTHING_CHANGED;
    }
  }

  /** A record asked for by the site was sent again and confirmed by the broker. */
  noteResent(lane: Receipt['lane'], key: number): void {
    this.#missing.noteResent(lane, key);
  }

  #applyAlarm(receipt: Receipt): ReceiptOutcome {
    const { alarms } = this.#options;
    const verdict = judgeReceipt(receipt, this.#viewAlarms());
    this.#reportVerdict(verdict, receipt);
    switch (verdict.kind) {
      case 'ignore':
        return NOTHING_CHANGED;
      case 'mismatch': {
        const which = isOtherLedger(receipt, alarms.book) ? 'all' : 'pending';
        alarms.beginEpoch('receipt-mismatch', receipt.ledgerId, which);
        return { ...NOTHING_CHANGED, restart: true };
      }
      case 'rewound':
        alarms.offerKept(confirmedBy(receipt));
        return { ...this.#alarmDetails(receipt), restart: true };
      case 'accept':
        return { ...this.#alarmDetails(receipt), received: this.#acceptAlarms(receipt) };
      case 'other-epoch':
        return this.#applyOldAlarms(receipt);
    }
  }

  #acceptAlarms(receipt: Receipt): string[] {
    const { alarms } = this.#options;
    const { book } = alarms;
    if (receipt.upTo === book.receiptedTo && receipt.ledgerId === book.ledgerId) return [];
    return alarms.markReceived(receipt, confirmedBy(receipt));
  }

  /** Kept alarms of an earlier epoch that were offered again to a restored ledger. */
  #applyOldAlarms(receipt: Receipt): ReceiptOutcome {
    const { alarms } = this.#options;
    const own = alarms.idAt(receipt.epoch, receipt.upTo);
    const received = own !== null && own === receipt.atId ? alarms.markReceived(receipt, null) : [];
    if (!alarms.hasEpoch(receipt.epoch)) return NOTHING_CHANGED;
    return { ...this.#alarmDetails(receipt), received };
  }

  #alarmDetails(receipt: Receipt): ReceiptOutcome {
    const { alarms } = this.#options;
    for (const { seq, code } of receipt.rejected ?? []) {
      if (alarms.markRejected(receipt.epoch, seq, code)) this.#reportRejected(receipt, seq, code);
    }
    return { ...NOTHING_CHANGED, again: this.#missing.alarms(receipt) };
  }

  #applyBulk(receipt: Receipt, lane: BulkLane): ReceiptOutcome {
    const { events, telemetry } = this.#options;
    const verdict = judgeReceipt(receipt, this.#viewBulk(lane));
    this.#reportVerdict(verdict, receipt);
    switch (verdict.kind) {
      case 'ignore':
      case 'other-epoch':
        return NOTHING_CHANGED;
      case 'mismatch': {
        const restart = events.beginEpoch(lane, 'receipt-mismatch', receipt.ledgerId);
        if (restart && lane === 'telemetry') telemetry.renumber();
        return { ...NOTHING_CHANGED, restart };
      }
      case 'rewound':
        events.confirm(lane, confirmedBy(receipt));
        return { ...NOTHING_CHANGED, again: this.#missing.bulk(receipt, lane), restart: true };
      case 'accept':
        this.#acceptBulk(receipt, lane);
        return { ...NOTHING_CHANGED, again: this.#missing.bulk(receipt, lane) };
    }
  }

  #acceptBulk(receipt: Receipt, lane: BulkLane): void {
    const { events, telemetry } = this.#options;
    const { book } = events.table(lane);
    for (const { seq, code } of receipt.rejected ?? []) {
      if (seq > book.receiptedTo && seq <= receipt.upTo) this.#reportRejected(receipt, seq, code);
    }
    if (receipt.upTo === book.receiptedTo && receipt.ledgerId === book.ledgerId) return;
    events.confirm(lane, confirmedBy(receipt));
    if (lane === 'telemetry') telemetry.confirm(receipt.upTo);
  }

  #viewAlarms(): LaneView {
    const { alarms } = this.#options;
    const { book } = alarms;
    return {
      ...numbersOf(book),
      idAt: (seq) => alarms.idAt(book.epoch, seq),
      isClosed: (seq) => book.isClosed(book.epoch, seq),
    };
  }

  #viewBulk(lane: BulkLane): LaneView {
    const { events, telemetry } = this.#options;
    const { book } = events.table(lane);
    const idAt = (seq: number): string | null =>
      (lane === 'telemetry' ? telemetry.at(seq)?.id : events.event.idAt(seq)) ?? null;
    return {
      ...numbersOf(book),
      idAt,
      isClosed: (seq) => book.isClosed(book.epoch, seq),
    };
  }

  #reportRejected({ lane, epoch }: Receipt, seq: number, siteCode: string): void {
    this.rejected += 1;
    this.#options.log.warn({ code: 'WP2010', lane, epoch, seq, siteCode }, 'journal.rejected');
  }

  #reportVerdict({ kind, ...verdict }: Verdict, { lane, epoch, upTo, atId, ledgerId }: Receipt): void {
    const { log } = this.#options;
    const fields = { lane, epoch, upTo, atId, ledgerId };
    if (kind === 'rewound') log.warn(fields, 'journal.ledger-rewound');
    if (kind === 'ignore') log.debug({ ...fields, ...verdict, code: 'WP2015' }, 'journal.receipt-ignored');
    if (kind !== 'mismatch') return;
    this.mismatches += 1;
    log.error({ ...fields, code: 'WP2009' }, 'journal.receipt-mismatch');
  }
}

function numbersOf(book: Omit<LaneView, 'idAt' | 'isClosed'>): Omit<LaneView, 'idAt' | 'isClosed'> {
  const { epoch, next, receiptedTo, receiptedId, ledgerId, siteTimeMs } = book;
  return { epoch, next, receiptedTo, receiptedId, ledgerId, siteTimeMs };
}
