import type { Failpoint } from '#agent/ports/failpoint.ts';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { isFull, type Sql } from './database-file.ts';
import { checkSize, type Draft, written } from './envelopes.ts';
import { type BulkLane, EventTable, type StoredRecords } from './event-table.ts';
import { GroupCommit, type Job } from './group-commit.ts';
import type { Confirmed, EpochReason, LaneBook } from './lane-book.ts';

export interface EventStoreOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  readonly failpoint: Failpoint;
  readonly maxBytes: number;
  readonly bootId: string;
  readonly onCommitted: () => void;
}

/** Numbers promised ahead, so that a power cut that takes the last commits cannot make the device use one twice. */
const RESERVED_AHEAD = 64;
/** Each promise is a sync: one that was used up within this time is followed by a longer one, another by a shorter. */
const PROMISE_LASTS_MS = 3_600_000;
const MOST_RESERVED_AHEAD = 8192;
/** What receipts confirm of a lane that has nothing on disk is written with the next write, or after this time. */
const SAVE_WITHIN_MS = 3_600_000;
const DROPPED_AT_ONCE = 64;
/** What is given back at once when alarms need room: hundreds of alarms fit in it. */
const GIVEN_BACK_PAGES = 256;
/** Records dropped, and pages moved, in one step; fewer where the log has no room for so many. */
const GIVEN_AT_ONCE = [256, 64, 16, 4] as const;
/** Below the quota by this much after dropping, so that not every event drops one. */
const REFILL = 0.9;
const LOOK_EVERY_BYTES = 32 * 1024;
const PAGE_BYTES = 4096;
/** Without a limit of its own. */
const MOST_PAGES = 2 ** 30;
/** Records in memory while nothing can be written at all; beyond it new ones are refused and counted. */
const MAX_WAITING = 2_000;

interface Batch {
  readonly table: EventTable;
  readonly records: StoredRecords;
  readonly job: Job;
}

/** Events, and telemetry that could not be sent live: committed in groups, never at the cost of alarms. */
export class EventStore {
  readonly event: EventTable;
  readonly telemetry: EventTable;
  readonly #options: EventStoreOptions;
  readonly #commit: GroupCommit;
  readonly dropped: Record<BulkLane, number> = { event: 0, telemetry: 0 };
  readonly #reserved: Record<BulkLane, { atMs: number; ahead: number }> = {
    event: { atMs: Number.NEGATIVE_INFINITY, ahead: RESERVED_AHEAD },
    telemetry: { atMs: Number.NEGATIVE_INFINITY, ahead: RESERVED_AHEAD },
  };
  readonly #pageCount;
  readonly #freePages;
  #bytesSinceLook = 0;
  /** Records waiting for their commit. */
  #waiting = 0;
  /** Since when receipts have confirmed what no row says yet, by the monotonic clock; null: every row is true. */
  #unsavedSinceMs: number | null = null;
  /** Records in a row, of one lane, are written by one job. */
  #batch: Batch | null = null;

  constructor(options: EventStoreOptions) {
    this.#options = options;
    this.#pageCount = options.sql.prepare<[], number>('PRAGMA page_count').pluck();
    this.#freePages = options.sql.prepare<[], number>('PRAGMA freelist_count').pluck();
    this.event = new EventTable(options.sql, 'event');
    this.telemetry = new EventTable(options.sql, 'telemetry');
    this.#commit = new GroupCommit({
      ...options,
      makeRoom: () => this.#makeRoom(),
      onCommitted: () => {
        this.#waiting = 0;
        this.#batch = null;
        this.#keepQuota();
        options.onCommitted();
      },
      onRolledBack: () => this.#forgetCounts(),
      onFailed: (error) => this.#reportFailure(error),
    });
  }

  table(lane: BulkLane): EventTable {
    return lane === 'event' ? this.event : this.telemetry;
  }

  /** Reads both lanes; writes only when the file is new. */
  load(reason: EpochReason): void {
    for (const table of [this.event, this.telemetry]) {
      table.book.load(table.highest(), { previousEpoch: null, reason });
    }
  }

  /** Notes what the last run may have taken with it, and that this one has not ended. Throws what SQLite throws. */
  begin(): void {
    const { sql, bootId } = this.#options;
    const fact = sql.prepare<[string], { value: string }>('SELECT value FROM facts WHERE key = ?');
    const isSameBoot = fact.get('bootId')?.value === bootId;
    const isClean = fact.get('clean')?.value === 'yes';
    const close = sql.transaction(() => {
      if (!isClean) this.#closeLostTelemetry();
      if (!isClean && !isSameBoot) closeReserved(this.event.book);
    });
    this.telemetry.book.attempt(() => this.event.book.attempt(close));
    this.#setFacts(bootId, 'no');
  }

  /** Written within 5 ms. Throws WP2002 when it is too large, and has then changed nothing. */
  append(lane: BulkLane, draft: Draft): void {
    const table = this.table(lane);
    if (this.#waiting >= MAX_WAITING) {
      // Nothing can be written at all: the newest is refused before it has a number, so no gap opens.
      this.dropped[lane] += 1;
      return;
    }
    const { epoch, next } = table.book;
    const body = written(draft, epoch, next);
    checkSize(body, draft.type);
    this.#reserve(table);
    table.book.next += 1;
    this.#insert(table, draft, next, body);
  }

  /** A number of the telemetry lane for an envelope that lives in memory. */
  takeTelemetryNumber(): number {
    this.#reserve(this.telemetry);
    const { book } = this.telemetry;
    book.next += 1;
    return book.next - 1;
  }

  /** Telemetry that got its number in memory goes to disk under the same. */
  store(draft: Draft, seq: number): void {
    const body = written(draft, this.telemetry.book.epoch, seq);
    this.#insert(this.telemetry, draft, seq, body);
  }

  /**
   * Deletes what a receipt has confirmed. Where nothing of it is on disk, as with live telemetry, nothing is written: a
   * crash then closes a range that begins too early, which costs the site nothing, and a card is spared 8 KiB a receipt.
   */
  confirm(lane: BulkLane, confirmed: Confirmed): void {
    const table = this.table(lane);
    const { book } = table;
    const isNext = confirmed.ledgerId === book.ledgerId && confirmed.upTo >= book.receiptedTo;
    const isOnDisk = this.#waiting > 0 || table.hasUpTo(confirmed.upTo);
    book.confirm(confirmed);
    if (isNext && !isOnDisk) this.#unsavedSinceMs ??= this.#options.clock.monoMs();
    else this.#writeConfirmed(table);
  }

  #writeConfirmed(table: EventTable): void {
    const { failpoint } = this.#options;
    this.#commit.add(() => {
      failpoint('journal.delete.before-commit');
      table.deleteUpTo(table.book.receiptedTo);
      this.#saveBooks();
      table.book.forgetClosed();
    });
  }

  /** Writes what was put off for long enough. */
  tend(): void {
    const sinceMs = this.#unsavedSinceMs;
    if (sinceMs === null || this.#options.clock.monoMs() - sinceMs < SAVE_WITHIN_MS) return;
    this.#commit.add(() => this.#saveBooks());
  }

  /** Both rows are in one page: saving the second costs nothing. */
  #saveBooks(): void {
    this.event.book.save();
    this.telemetry.book.save();
    this.#unsavedSinceMs = null;
  }

  /** False when the disk does not take it now; the next receipt tries again. */
  beginEpoch(lane: BulkLane, reason: EpochReason, ledgerId: string): boolean {
    if (!this.flush()) return false;
    const { sql, failpoint, log } = this.#options;
    const table = this.table(lane);
    const move = sql.transaction(() => {
      table.deleteUpTo(table.book.receiptedTo);
      table.book.ledgerId = ledgerId;
      table.book.begin({ previousEpoch: table.book.epoch, reason });
      const unreadable = table.moveAll();
      this.dropped[lane] += unreadable;
      if (unreadable > 0) log.error({ code: 'WP2011', lane, unreadable }, 'journal.unreadable');
      table.book.save();
      failpoint('journal.epoch.before-commit');
    });
    this.#countedIn(() => table.book.attempt(move));
    failpoint('journal.epoch.after-commit');
    return true;
  }

  /** Writes in order with the records. */
  defer(job: () => void): void {
    this.#commit.add(job);
  }

  flush(): boolean {
    return this.#commit.flush();
  }

  /**
   * Frees about 1 MiB on the file system for alarms, at the cost of the oldest of this lane. In steps that fit in the
   * log as it is: a full disk has no byte for a longer one, and an alarm and the watchdog wait for the end of this.
   */
  giveBack(lane: BulkLane): boolean {
    const table = this.table(lane);
    const before = this.#pages();
    for (const atOnce of GIVEN_AT_ONCE) {
      try {
        while (before - this.#pages() < GIVEN_BACK_PAGES && this.#giveSome(table, atOnce));
        break;
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    }
    return this.#pages() < before;
  }

  /** Answers whether there was anything to give. */
  #giveSome(table: EventTable, atOnce: number): boolean {
    const free = Number(this.#freePages.get());
    this.rewindLog();
    const dropped = free < atOnce ? this.#drop(table, atOnce) : 0;
    this.rewindLog();
    this.#options.sql.pragma(`incremental_vacuum(${atOnce})`);
    this.rewindLog();
    return dropped + free > 0;
  }

  /**
   * Moves the log into the database, and what follows into the place of the log. Its bytes are kept: without them
   * nothing could be dropped on a full disk.
   */
  rewindLog(): boolean {
    this.#options.sql.pragma('wal_checkpoint(RESTART)');
    return true;
  }

  /** While the disk is full this file must not grow into what was freed for alarms. */
  setGrowth(growth: 'free' | 'stopped'): void {
    const { sql } = this.#options;
    const pages = growth === 'free' ? MOST_PAGES : Number(sql.pragma('page_count', { simple: true }));
    sql.pragma(`max_page_count = ${pages}`);
  }

  close(): void {
    this.#commit.add(() => this.#saveBooks());
    this.#commit.close();
    try {
      this.#setFacts(this.#options.bootId, 'yes');
    } catch (error) {
      // The next start then takes this one for a crash, which is safe.
      this.#options.log.warn({ code: 'WP2008', err: error }, 'journal.end-not-noted');
    }
  }

  #insert(table: EventTable, { id, type }: Draft, seq: number, body: string): void {
    this.#bytesSinceLook += body.length;
    this.#waiting += 1;
    this.#batchFor(table).push(seq, id, type, body);
  }

  #batchFor(table: EventTable): StoredRecords {
    const batch = this.#batch;
    if (batch !== null && batch.table === table && this.#commit.isLast(batch.job)) return batch.records;
    const records: StoredRecords = [];
    const job = () => table.insert(records);
    this.#batch = { table, records, job };
    this.#commit.add(job);
    return records;
  }

  #reserve({ book, lane }: EventTable): void {
    if (book.next < book.reserved) return;
    const nowMs = this.#options.clock.monoMs();
    const last = this.#reserved[lane];
    const isFast = nowMs - last.atMs < PROMISE_LASTS_MS;
    const ahead = isFast
      ? Math.min(last.ahead * 2, MOST_RESERVED_AHEAD)
      : Math.max(last.ahead / 2, RESERVED_AHEAD);
    this.#reserved[lane] = { atMs: nowMs, ahead };
    book.reserved = book.next + ahead;
    this.#commit.syncNext();
    this.#commit.add(() => this.#saveBooks());
    if (lane === 'telemetry') this.flush();
  }

  #setFacts(bootId: string, clean: 'yes' | 'no'): void {
    const { sql } = this.#options;
    sql.pragma('synchronous = FULL');
    sql
      .prepare("INSERT OR REPLACE INTO facts (key, value) VALUES ('bootId', ?), ('clean', ?)")
      .run(bootId, clean);
    sql.pragma('synchronous = NORMAL');
  }

  /** Live telemetry lived in memory: everything numbered and not confirmed, but for what is on disk, is gone. */
  #closeLostTelemetry(): void {
    const { book } = this.telemetry;
    book.next = Math.max(book.next, book.reserved);
    const stored = this.telemetry.seqsBetween(book.receiptedTo + 1, book.next - 1);
    let first = book.receiptedTo + 1;
    for (const seq of [...stored, book.next]) {
      if (first < seq) book.close({ epoch: book.epoch, first, last: seq - 1, reason: 'restart' });
      first = seq + 1;
    }
    book.save();
  }

  #drop(table: EventTable, count: number): number {
    const { sql, log } = this.#options;
    const dropped = this.#countedIn(sql.transaction(() => table.dropOldest(count)));
    this.dropped[table.lane] += dropped;
    if (dropped > 0) log.warn({ lane: table.lane, dropped }, 'journal.dropped');
    return dropped;
  }

  #countedIn<T>(transaction: () => T): T {
    try {
      return transaction();
    } catch (error) {
      this.#forgetCounts();
      throw error;
    }
  }

  #forgetCounts(): void {
    this.event.forgetCount();
    this.telemetry.forgetCount();
  }

  /** Drops before the next record would pass the quota. */
  #keepQuota(): void {
    if (this.#bytesSinceLook < LOOK_EVERY_BYTES) return;
    this.#bytesSinceLook = 0;
    const { maxBytes } = this.#options;
    if (this.#usedBytes() <= maxBytes - LOOK_EVERY_BYTES) return;
    while (this.#usedBytes() > maxBytes * REFILL && this.#makeRoom());
  }

  #usedBytes(): number {
    return (this.#pages() - Number(this.#freePages.get())) * PAGE_BYTES;
  }

  #pages(): number {
    return Number(this.#pageCount.get());
  }

  #makeRoom(): boolean {
    try {
      // Starts the log from its beginning: dropping then needs no new bytes.
      this.rewindLog();
      return this.#drop(this.telemetry, DROPPED_AT_ONCE) > 0 || this.#drop(this.event, DROPPED_AT_ONCE) > 0;
    } catch (error) {
      this.#options.log.warn({ err: error }, 'journal.no-room');
      return false;
    }
  }

  #reportFailure(error: unknown): void {
    this.#options.log.error(
      { code: 'WP2008', waiting: this.#waiting, bound: MAX_WAITING, err: error },
      'journal.events-not-stored',
    );
  }
}

/** After a power cut the last commits may be gone: numbers that may have been used are passed over. */
function closeReserved(book: LaneBook): void {
  if (book.reserved <= book.next) return;
  book.close({ epoch: book.epoch, first: book.next, last: book.reserved - 1, reason: 'restart' });
  book.next = book.reserved;
  book.save();
}
