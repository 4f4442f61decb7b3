import { randomBytes } from 'node:crypto';
import type { EventData } from '#contract/event-data.ts';
import type { Lane } from '#contract/topics.ts';
import type { Sql } from './database-file.ts';

export type ClosedReason = EventData<'wp.lane.dropped.v1'>['reason'];
export type EpochReason = EventData<'wp.journal.created.v1'>['reason'];

/** A range (inclusive) that holds no record any more. */
export interface ClosedRange {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly reason: ClosedReason;
}

/** An epoch that the site has not been told about. `id` names the event that will tell, so that it is told once. */
export interface UndeclaredEpoch {
  readonly previousEpoch: string | null;
  readonly reason: EpochReason;
}

interface LaneRow {
  readonly epoch: string;
  readonly floor: number;
  readonly reserved: number;
  readonly receiptedTo: number;
  readonly receiptedId: string | null;
  readonly ledgerId: string | null;
  readonly siteTimeMs: number;
  readonly undeclared: string | null;
}

/** What a receipt has confirmed. */
export interface Confirmed {
  readonly upTo: number;
  readonly atId: string | null;
  readonly ledgerId: string;
  readonly siteTimeMs: number;
}

const SAVE = `
  INSERT INTO lanes (lane, epoch, floor, reserved, receiptedTo, receiptedId, ledgerId, siteTimeMs, undeclared)
  VALUES (@lane, @epoch, @floor, @reserved, @receiptedTo, @receiptedId, @ledgerId, @siteTimeMs, @undeclared)
  ON CONFLICT (lane) DO UPDATE SET epoch = @epoch, floor = @floor, reserved = @reserved,
    receiptedTo = @receiptedTo, receiptedId = @receiptedId, ledgerId = @ledgerId,
    siteTimeMs = @siteTimeMs, undeclared = @undeclared`;

export const newEpochId = (): string => randomBytes(12).toString('base64url');

/** Numbers and progress of one lane. Its `save…` and `close…` write within the caller's transaction. */
export class LaneBook {
  readonly lane: Lane;
  readonly #sql: Sql;
  epoch = '';
  /** The next sequence number. */
  next = 1;
  /** Every lower number is covered by a synced promise that it may have been used. */
  reserved = 1;
  receiptedTo = 0;
  receiptedId: string | null = null;
  ledgerId: string | null = null;
  siteTimeMs = 0;
  undeclared: UndeclaredEpoch | null = null;

  /** Something may have to be told to the site: a new epoch, closed ranges. */
  hasNews = true;
  readonly #save;
  readonly #forget;

  constructor(sql: Sql, lane: Lane) {
    this.#sql = sql;
    this.lane = lane;
    this.#save = sql.prepare(SAVE);
    this.#forget = sql.prepare<[string, string, number]>(
      'DELETE FROM closed WHERE lane = ? AND declared = 1 AND (epoch <> ? OR last <= ?)',
    );
  }

  /** Reads the row, or begins the first epoch for `reason` (a transaction of its own). */
  load(highestRecord: number, firstEpoch: UndeclaredEpoch): void {
    const row = this.#sql.prepare<[string], LaneRow>('SELECT * FROM lanes WHERE lane = ?').get(this.lane);
    if (row === undefined) {
      this.begin(firstEpoch);
      this.save();
      return;
    }
    this.epoch = row.epoch;
    this.next = Math.max(row.floor, highestRecord + 1);
    this.reserved = row.reserved;
    this.receiptedTo = row.receiptedTo;
    this.receiptedId = row.receiptedId;
    this.ledgerId = row.ledgerId;
    this.siteTimeMs = row.siteTimeMs;
    this.undeclared = row.undeclared === null ? null : JSON.parse(row.undeclared);
  }

  /** Begins a new epoch in memory; the caller saves. */
  begin(undeclared: UndeclaredEpoch): void {
    this.hasNews = true;
    this.epoch = newEpochId();
    this.next = 1;
    this.reserved = 1;
    this.receiptedTo = 0;
    this.receiptedId = null;
    // An earlier epoch that was never told about is told about with this one.
    const first = this.undeclared;
    this.undeclared = first === null ? undeclared : { ...undeclared, previousEpoch: first.previousEpoch };
  }

  confirm({ upTo, atId, ledgerId, siteTimeMs }: Confirmed): void {
    this.receiptedTo = upTo;
    this.receiptedId = atId;
    this.ledgerId = ledgerId;
    this.siteTimeMs = siteTimeMs;
  }

  /** Runs `work` (a transaction) and takes back what it changed here when it throws. */
  attempt<T>(work: () => T): T {
    const { epoch, next, reserved, receiptedTo, receiptedId, ledgerId, siteTimeMs, undeclared } = this;
    try {
      return work();
    } catch (error) {
      Object.assign(this, {
        epoch,
        next,
        reserved,
        receiptedTo,
        receiptedId,
        ledgerId,
        siteTimeMs,
        undeclared,
      });
      throw error;
    }
  }

  save(): void {
    this.#save.run({
      lane: this.lane,
      epoch: this.epoch,
      floor: this.next,
      reserved: this.reserved,
      receiptedTo: this.receiptedTo,
      receiptedId: this.receiptedId,
      ledgerId: this.ledgerId,
      siteTimeMs: this.siteTimeMs,
      undeclared: this.undeclared === null ? null : JSON.stringify(this.undeclared),
    });
  }

  /** Notes that a range holds nothing any more; joined to an undeclared one that it continues. */
  close({ epoch, first, last, reason }: ClosedRange): void {
    this.hasNews = true;
    const joined = this.#sql
      .prepare(
        `UPDATE closed SET last = @last
         WHERE lane = @lane AND epoch = @epoch AND last = @before AND reason = @reason AND declared = 0`,
      )
      .run({ lane: this.lane, epoch, last, before: first - 1, reason });
    if (joined.changes > 0) return;
    this.#sql
      .prepare(
        'INSERT OR REPLACE INTO closed (lane, epoch, first, last, reason, declared) VALUES (?, ?, ?, ?, ?, 0)',
      )
      .run(this.lane, epoch, first, last, reason);
  }

  undeclaredRanges(): ClosedRange[] {
    return this.#sql
      .prepare<[string], ClosedRange>(
        'SELECT epoch, first, last, reason FROM closed WHERE lane = ? AND declared = 0 ORDER BY epoch, first',
      )
      .all(this.lane);
  }

  markDeclared({ epoch, first }: ClosedRange): void {
    this.#sql
      .prepare('UPDATE closed SET declared = 1 WHERE lane = ? AND epoch = ? AND first = ?')
      .run(this.lane, epoch, first);
  }

  isClosed(epoch: string, seq: number): boolean {
    return (
      this.#sql
        .prepare('SELECT 1 FROM closed WHERE lane = ? AND epoch = ? AND first <= ? AND last >= ?')
        .get(this.lane, epoch, seq, seq) !== undefined
    );
  }

  /** Ranges that a receipt has passed are of no further use. */
  forgetClosed(): void {
    this.#forget.run(this.lane, this.epoch, this.receiptedTo);
  }
}
