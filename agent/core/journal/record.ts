import type { Lane } from '#contract/topics.ts';

/** One event as the outbox sends it. */
export interface JournalRecord {
  readonly lane: Lane;
  /** Rises within the lane in the order of sending; 0 for an alarm that lives in memory alone. */
  readonly key: number;
  readonly id: string;
  /** The envelope, ready for the wire. */
  readonly body: string;
  /** The ledger has confirmed it before; it is offered again because the ledger may have forgotten. */
  readonly isKnown?: true;
}

/** What a receipt has changed. */
export interface ReceiptOutcome {
  /** Alarms that the ledger has now, for the first time. */
  readonly received: readonly string[];
  /** Keys to be sent again although the cursor has passed them. */
  readonly again: readonly number[];
  /** The lane is to be sent from its beginning: a new epoch, or kept alarms offered again. */
  readonly restart: boolean;
}

export const NOTHING_CHANGED: ReceiptOutcome = { received: [], again: [], restart: false };
