import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { Receipt } from '#contract/messages.ts';
import type { Lane } from '#contract/topics.ts';
import type { AlarmStore } from './alarm-store.ts';
import type { EventStore } from './event-store.ts';
import { type BulkLane, rangesOf } from './event-table.ts';
import type { ClosedReason, LaneBook } from './lane-book.ts';
import type { TelemetryLane } from './telemetry-lane.ts';

/** Sent again this often and still asked for: something in between does not let it through. */
const TRIES = 3;
/** A declaration on its way is not repeated for as long as this. */
const REDECLARE_AFTER_MS = 30_000;

export interface MissingRecordsOptions {
  readonly alarms: AlarmStore;
  readonly events: EventStore;
  readonly telemetry: TelemetryLane;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers what a receipt asks for in `missing`: sends it again, or closes the range and has it declared. */
export class MissingRecords {
  readonly #options: MissingRecordsOptions;
  readonly #resent = new Map<string, number>();
  readonly #closedAt = new Map<string, number>();

  constructor(options: MissingRecordsOptions) {
    this.#options = options;
  }

  noteResent(lane: Lane, key: number): void {
    const name = `${lane}:${key}`;
    this.#resent.set(name, (this.#resent.get(name) ?? 0) + 1);
  }

  /** Keys of alarms to send again. One that does not get through stays pending for the next connection. */
  alarms(receipt: Receipt): number[] {
    const { alarms, log } = this.#options;
    const keys: number[] = [];
    for (const [first, last] of clamped(receipt, alarms.book)) {
      const found = alarms.offer(receipt.epoch, first, last);
      const damaged = alarms.removeDamaged(found.keys);
      keys.push(...found.keys.filter((key) => !damaged.keys.includes(key)));
      const gaps = this.#undeclared(alarms.book, receipt.epoch, gapsIn(first, last, found.seqs));
      closeAll(alarms.book, receipt.epoch, gaps, 'expired');
      this.#closeDamaged(receipt.epoch, damaged.seqs);
    }
    const [again, hopeless] = this.#split('alarm', keys);
    for (const key of hopeless) {
      if (this.#resent.get(`alarm:${key}`) !== TRIES) continue;
      this.noteResent('alarm', key);
      log.error({ code: 'WP2011', lane: 'alarm', key, epoch: receipt.epoch }, 'journal.asked-again');
    }
    return again;
  }

  /** Keys of events or telemetry to send again; what does not get through is declared unreadable. */
  bulk(receipt: Receipt, lane: BulkLane): number[] {
    const { events } = this.#options;
    const { book } = events.table(lane);
    const again: number[] = [];
    for (const [first, last] of clamped(receipt, book)) {
      const found = this.#numbersBetween(lane, first, last);
      this.#defer(book, gapsIn(first, last, found), 'expired');
      const [open, hopeless] = this.#split(lane, found);
      again.push(...open);
      this.#giveUp(lane, hopeless);
    }
    return again;
  }

  /** The site has it in quarantine and cannot know its number: told here, it does not hold up those behind it. */
  #closeDamaged(epoch: string, seqs: readonly number[]): void {
    if (seqs.length === 0) return;
    const { alarms, log } = this.#options;
    log.error({ code: 'WP2011', lane: 'alarm', epoch, seqs: seqs.slice(0, 20) }, 'journal.alarm-damaged');
    closeAll(alarms.book, epoch, rangesOf(seqs), 'unreadable');
  }

  #numbersBetween(lane: BulkLane, first: number, last: number): number[] {
    const { events, telemetry } = this.#options;
    if (lane === 'event') return events.event.seqsBetween(first, last);
    return telemetry.seqsBetween(first, last);
  }

  #giveUp(lane: BulkLane, seqs: readonly number[]): void {
    if (seqs.length === 0) return;
    const { events, log } = this.#options;
    const table = events.table(lane);
    log.error({ code: 'WP2011', lane, seqs: seqs.slice(0, 20) }, 'journal.asked-again');
    events.defer(() => {
      for (const seq of seqs) table.deleteOne(seq);
    });
    this.#defer(table.book, rangesOf(seqs), 'unreadable');
  }

  #split(lane: Lane, keys: readonly number[]): [number[], number[]] {
    const again: number[] = [];
    const hopeless: number[] = [];
    for (const key of keys) {
      const tries = this.#resent.get(`${lane}:${key}`) ?? 0;
      (tries < TRIES ? again : hopeless).push(key);
    }
    return [again, hopeless];
  }

  #defer(book: LaneBook, ranges: readonly [number, number][], reason: ClosedReason): void {
    const { epoch } = book;
    const open = this.#undeclared(book, epoch, ranges);
    if (open.length === 0) return;
    // At once, so that the receipt that asks is followed by the declaration.
    book.hasNews = true;
    this.#options.events.defer(() => closeAll(book, epoch, open, reason));
  }

  /** What is closed already has its declaration on its way; asked for long after, that was lost and is made again. */
  #undeclared(book: LaneBook, epoch: string, ranges: readonly [number, number][]): [number, number][] {
    const nowMs = this.#options.clock.monoMs();
    return ranges.filter(([first, last]) => {
      const name = `${book.lane}:${epoch}:${first}:${last}`;
      const isOnItsWay = book.isClosed(epoch, first) && book.isClosed(epoch, last);
      const atMs = this.#closedAt.get(name) ?? (isOnItsWay ? nowMs : null);
      const isRecent = atMs !== null && nowMs - atMs < REDECLARE_AFTER_MS;
      this.#closedAt.set(name, isRecent ? atMs : nowMs);
      return !isRecent;
    });
  }
}

function closeAll(
  book: LaneBook,
  epoch: string,
  ranges: readonly [number, number][],
  reason: ClosedReason,
): void {
  for (const [first, last] of ranges) book.close({ epoch, first, last, reason });
}

/** What is asked for and can exist: numbers already used. */
function clamped({ missing, epoch }: Receipt, book: LaneBook): [number, number][] {
  const ranges: [number, number][] = [];
  for (const [first, last] of missing ?? []) {
    const end = epoch === book.epoch ? Math.min(last, book.next - 1) : last;
    if (first <= end) ranges.push([first, end]);
  }
  return ranges;
}

/** The inclusive ranges between `first` and `last` that hold none of the numbers found. */
function gapsIn(first: number, last: number, found: readonly number[]): [number, number][] {
  const gaps: [number, number][] = [];
  let from = first;
  for (const seq of [...found].sort((a, b) => a - b)) {
    if (from < seq) gaps.push([from, seq - 1]);
    from = seq + 1;
  }
  if (from <= last) gaps.push([from, last]);
  return gaps;
}
