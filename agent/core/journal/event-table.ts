import type { Sql } from './database-file.ts';
import { moved } from './envelopes.ts';
import { LaneBook } from './lane-book.ts';
import type { JournalRecord } from './record.ts';

export type BulkLane = 'event' | 'telemetry';

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly body: string;
}

/** What tells the site about the journal itself is not dropped for space. */
const KEPT_TYPES = `('wp.lane.dropped.v1', 'wp.journal.created.v1')`;
const MOVED_AT_ONCE = 500;
/** Rows of one statement: they cost a third less than one at a time (measured). */
const INSERTED_AT_ONCE = 8;

const COLUMNS = 4;

/** Records as they are stored, one behind the other: number, id, type, envelope; number, id, … */
export type StoredRecords = (number | string)[];

/** The records of one lane of events.db and the lane's numbers. Everything runs in the caller's transaction. */
export class EventTable {
  readonly book: LaneBook;
  readonly lane: BulkLane;
  readonly #sql: Sql;
  readonly #table: string;
  readonly #insert;
  readonly #insertMany;
  readonly #between;
  readonly #lowest;
  readonly #highest;
  readonly #countAll;
  readonly #countUpTo;
  readonly #after;
  readonly #at;
  readonly #deleteUpTo;
  readonly #dropOldest;
  /** Records in the table; null until somebody asks, and again when a transaction was rolled back. */
  #records: number | null = null;

  constructor(sql: Sql, lane: BulkLane) {
    const table = lane === 'event' ? 'eventRecords' : 'telemetryRecords';
    this.#sql = sql;
    this.lane = lane;
    this.#table = table;
    this.book = new LaneBook(sql, lane);
    const into = `INSERT INTO ${table} (seq, id, type, body) VALUES`;
    this.#insert = sql.prepare<[StoredRecords]>(`${into} (?, ?, ?, ?)`);
    const rows = Array(INSERTED_AT_ONCE).fill('(?, ?, ?, ?)').join(', ');
    this.#insertMany = sql.prepare<[StoredRecords]>(`${into} ${rows}`);
    this.#highest = sql.prepare<[], number | null>(`SELECT max(seq) FROM ${table}`).pluck();
    // Two look-ups in the key: asked for together, SQLite would walk the whole table.
    this.#lowest = sql
      .prepare<[number], number>(`SELECT seq FROM ${table} WHERE seq > ? ORDER BY seq LIMIT 1`)
      .pluck();
    this.#countAll = sql.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck();
    this.#countUpTo = sql.prepare<[number], number>(`SELECT count(*) FROM ${table} WHERE seq <= ?`).pluck();
    this.#between = sql
      .prepare<[number, number], number>(`SELECT seq FROM ${table} WHERE seq BETWEEN ? AND ? ORDER BY seq`)
      .pluck();
    this.#after = sql.prepare<[number, number], Row>(
      `SELECT seq, id, body FROM ${table} WHERE seq > ? ORDER BY seq LIMIT ?`,
    );
    this.#at = sql.prepare<[number], Row>(`SELECT seq, id, body FROM ${table} WHERE seq = ?`);
    this.#deleteUpTo = sql.prepare<[number]>(`DELETE FROM ${table} WHERE seq <= ?`);
    this.#dropOldest = sql.prepare<[number], { seq: number }>(
      `DELETE FROM ${table} WHERE seq IN
         (SELECT seq FROM ${table} WHERE type NOT IN ${KEPT_TYPES} ORDER BY seq LIMIT ?) RETURNING seq`,
    );
  }

  highest(): number {
    return this.#highest.get() ?? 0;
  }

  insert(records: Readonly<StoredRecords>): void {
    const most = COLUMNS * INSERTED_AT_ONCE;
    const single = records.length - (records.length % most);
    for (let n = 0; n < single; n += most) this.#insertMany.run(records.slice(n, n + most));
    for (let n = single; n < records.length; n += COLUMNS) this.#insert.run(records.slice(n, n + COLUMNS));
    this.#changed(records.length / COLUMNS);
  }

  after(key: number, limit: number): JournalRecord[] {
    return this.#after.all(key, limit).map(({ seq, id, body }) => ({ lane: this.lane, key: seq, id, body }));
  }

  idAt(seq: number): string | null {
    return this.#at.get(seq)?.id ?? null;
  }

  at(seq: number): JournalRecord | null {
    const row = this.#at.get(seq);
    return row === undefined ? null : { lane: this.lane, key: seq, id: row.id, body: row.body };
  }

  seqsBetween(first: number, last: number): number[] {
    return this.#between.all(first, last);
  }

  deleteUpTo(seq: number): void {
    this.#changed(-this.#deleteUpTo.run(seq).changes);
  }

  deleteOne(seq: number): void {
    this.#changed(-this.#sql.prepare(`DELETE FROM ${this.#table} WHERE seq = ?`).run(seq).changes);
  }

  /** Drops the oldest and notes them as closed. Answers how many. */
  dropOldest(count: number): number {
    const seqs = this.#dropOldest.all(count).map(({ seq }) => seq);
    this.#changed(-seqs.length);
    for (const [first, last] of rangesOf(seqs)) {
      this.book.close({ epoch: this.book.epoch, first, last, reason: 'space' });
    }
    this.book.save();
    return seqs.length;
  }

  /** The lowest and highest number above this one; both 0 when there is none. */
  bounds(above: number): { oldest: number; newest: number } {
    const oldest = this.#lowest.get(above);
    return oldest === undefined ? { oldest: 0, newest: 0 } : { oldest, newest: this.highest() };
  }

  /** Whether any record with this number or a lower one is on disk. */
  hasUpTo(seq: number): boolean {
    const lowest = this.#lowest.get(0);
    return lowest !== undefined && lowest <= seq;
  }

  /** How many wait above this number. SQLite would walk the whole table each time: it is walked once and counted on. */
  count(above: number): number {
    this.#records ??= this.#countAll.get() ?? 0;
    return this.#records - (this.#countUpTo.get(above) ?? 0);
  }

  /** A transaction was rolled back: what was counted in it did not happen. */
  forgetCount(): void {
    this.#records = null;
  }

  #changed(by: number): void {
    if (this.#records !== null) this.#records += by;
  }

  /** Gives every record its number in the book's new epoch, in the old order. Answers how many were unreadable. */
  moveAll(): number {
    let unreadable = 0;
    this.#sql.exec(`UPDATE ${this.#table} SET seq = -seq`);
    const find = this.#sql.prepare<[number], Row>(
      `SELECT seq, id, body FROM ${this.#table} WHERE seq < 0 ORDER BY seq DESC LIMIT ?`,
    );
    const move = this.#sql.prepare(`UPDATE ${this.#table} SET seq = ?, body = ? WHERE seq = ?`);
    for (let rows = find.all(MOVED_AT_ONCE); rows.length > 0; rows = find.all(MOVED_AT_ONCE)) {
      for (const { seq, body } of rows) {
        const { epoch, next } = this.book;
        const text = readable(body, epoch, next);
        if (text === null) {
          // A bad block of the card: it must not keep the others in an epoch that the site does not share.
          this.deleteOne(seq);
          unreadable += 1;
          continue;
        }
        move.run(next, text, seq);
        this.book.next += 1;
      }
    }
    return unreadable;
  }
}

function readable(body: string, epoch: string, seq: number): string | null {
  try {
    return moved(body, epoch, seq);
  } catch {
    return null;
  }
}

/** Joins numbers to inclusive ranges. */
export function rangesOf(seqs: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === seq - 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges;
}
