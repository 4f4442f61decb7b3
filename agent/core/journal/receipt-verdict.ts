import type { Receipt } from '#contract/messages.ts';

/** What a lane knows of itself when a receipt arrives. */
export interface LaneView {
  readonly epoch: string;
  readonly next: number;
  readonly receiptedTo: number;
  readonly receiptedId: string | null;
  readonly ledgerId: string | null;
  readonly siteTimeMs: number;
  /** Id of the own record at a number of this epoch, or null when there is none. */
  idAt(seq: number): string | null;
  isClosed(seq: number): boolean;
}

export type Verdict =
  /** Another epoch's: nothing but its kept records is touched. */
  | { readonly kind: 'other-epoch' }
  /** Overtaken by a later one, or naming nothing. */
  | { readonly kind: 'ignore'; readonly why: 'stale' | 'nameless' }
  | { readonly kind: 'accept' }
  /** The ledger is another one, or has forgotten: it was restored from a backup. */
  | { readonly kind: 'rewound' }
  /** The site's history under this epoch is not ours: cloned or restored card. */
  | { readonly kind: 'mismatch' };

const MISMATCH: Verdict = { kind: 'mismatch' };
const ACCEPT: Verdict = { kind: 'accept' };

/** The number is taken by another event. */
const TAKEN = 'WP1007';

/** Judges a receipt by the rules of DESIGN, Delivery. Pure. */
export function judgeReceipt(receipt: Receipt, lane: LaneView): Verdict {
  if (receipt.epoch !== lane.epoch) return { kind: 'other-epoch' };
  if (receipt.upTo >= lane.next || saysTaken(receipt, lane)) return MISMATCH;
  if (isOtherLedger(receipt, lane) || receipt.upTo < lane.receiptedTo) return judgeRewound(receipt, lane);
  if (receipt.upTo === lane.receiptedTo) return judgeSame(receipt, lane);
  return judgeAdvance(receipt, lane);
}

function saysTaken({ rejected }: Receipt, lane: LaneView): boolean {
  return (rejected ?? []).some(
    ({ seq, code }) => code === TAKEN && seq > lane.receiptedTo && lane.idAt(seq) !== null,
  );
}

export function isOtherLedger(receipt: Receipt, lane: Pick<LaneView, 'ledgerId'>): boolean {
  return lane.ledgerId !== null && receipt.ledgerId !== lane.ledgerId;
}

/** A late message of the same ledger is older than what was heard before; a restored ledger's is newer. */
function judgeRewound(receipt: Receipt, lane: LaneView): Verdict {
  const isLate = Date.parse(receipt.siteTime) <= lane.siteTimeMs;
  if (isLate && !isOtherLedger(receipt, lane)) return { kind: 'ignore', why: 'stale' };
  const own = lane.idAt(receipt.upTo);
  if (own !== null && receipt.atId !== null && own !== receipt.atId) return MISMATCH;
  return { kind: 'rewound' };
}

function judgeSame(receipt: Receipt, lane: LaneView): Verdict {
  const own = lane.idAt(receipt.upTo) ?? lane.receiptedId;
  return own !== null && receipt.atId !== null && own !== receipt.atId ? MISMATCH : ACCEPT;
}

function judgeAdvance(receipt: Receipt, lane: LaneView): Verdict {
  const own = lane.idAt(receipt.upTo);
  if (own === null) return lane.isClosed(receipt.upTo) ? ACCEPT : MISMATCH;
  if (receipt.atId === own) return ACCEPT;
  if (receipt.atId !== null) return MISMATCH;
  // A record whose id the site could not even read is named by its number alone.
  const isRejected = (receipt.rejected ?? []).some(({ seq }) => seq === receipt.upTo);
  return isRejected ? ACCEPT : { kind: 'ignore', why: 'nameless' };
}
