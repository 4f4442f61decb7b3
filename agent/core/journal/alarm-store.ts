import type { Failpoint } from '#agent/ports/failpoint.ts';
import type { Receipt } from '#contract/messages.ts';
import { type Sql, unsynced } from './database-file.ts';
import { type Draft, moved, written } from './envelopes.ts';
import { type Confirmed, type EpochReason, LaneBook } from './lane-book.ts';
import type { JournalRecord } from './record.ts';

interface Row {
  readonly ord: number;
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  readonly body: string;
  readonly receivedAtMs: number | null;
}

const COLUMNS = 'ord, epoch, seq, id, body, receivedAtMs';

/** Alarms on disk: every write is synced before it returns. Received ones stay for `keepAlarmsDays`. */
export class AlarmStore {
  readonly book: LaneBook;
  readonly #sql: Sql;
  readonly #failpoint: Failpoint;
  readonly #append: (draft: Draft) => void;
  readonly #findPending;
  readonly #findAt;
  readonly #findUnmarked;
  readonly #mark;
  readonly #extent;

  constructor(sql: Sql, failpoint: Failpoint) {
    this.#sql = sql;
    this.#failpoint = failpoint;
    this.book = new LaneBook(sql, 'alarm');
    const insert = sql.prepare<[string, number, string, string]>(
      'INSERT INTO records (epoch, seq, id, body, pending) VALUES (?, ?, ?, ?, 1)',
    );
    this.#append = sql.transaction((draft: Draft) => {
      const { epoch, next } = this.book;
      insert.run(epoch, next, draft.id, written(draft, epoch, next));
      this.#failpoint('journal.alarm.before-commit');
    });
    this.#findPending = sql.prepare<[number, number], Row>(
      `SELECT ${COLUMNS} FROM records WHERE pending = 1 AND ord > ? ORDER BY ord LIMIT ?`,
    );
    this.#findUnmarked = sql.prepare<[string, number], { id: string; receivedAtMs: number | null }>(
      'SELECT id, receivedAtMs FROM records WHERE pending = 1 AND epoch = ? AND seq <= ? ORDER BY seq',
    );
    this.#mark = sql.prepare<[number, string, number]>(
      `UPDATE records SET pending = 0, receivedAtMs = coalesce(receivedAtMs, ?)
       WHERE pending = 1 AND epoch = ? AND seq <= ?`,
    );
    this.#extent = sql.prepare<[string], { oldest: number | null; newest: number | null; count: number }>(
      `SELECT min(seq) AS oldest, max(seq) AS newest, count(*) AS count FROM records
       WHERE pending = 1 AND epoch = ?`,
    );
    this.#findAt = sql.prepare<[string, number], Row>(
      `SELECT ${COLUMNS} FROM records WHERE epoch = ? AND seq = ?`,
    );
  }

  load(reason: EpochReason): void {
    const highest = this.#sql.prepare<[], { seq: number | null }>(
      'SELECT max(seq) AS seq FROM records WHERE epoch = (SELECT epoch FROM lanes)',
    );
    this.book.load(highest.get()?.seq ?? 0, { previousEpoch: null, reason });
  }

  /** Synced to disk when it returns; throws what SQLite throws, and has then changed nothing. */
  append(draft: Draft): void {
    this.#append(draft);
    this.book.next += 1;
    this.#failpoint('journal.alarm.after-commit');
  }

  /** Whether a write could begin now: takes the lock for writing and gives it back, which writes nothing. */
  probe(): void {
    this.#sql.exec('BEGIN IMMEDIATE');
    this.#sql.exec('ROLLBACK');
  }

  /** Starts the log from its beginning: what follows needs no new bytes until it is full again. */
  rewindLog(): boolean {
    this.#sql.pragma('wal_checkpoint(RESTART)');
    return true;
  }

  pendingAfter(key: number, limit: number): JournalRecord[] {
    return this.#findPending.all(key, limit).map(recordOf);
  }

  idAt(epoch: string, seq: number): string | null {
    return this.#findAt.get(epoch, seq)?.id ?? null;
  }

  /** Keys of the records there are in a range; makes them pending again. */
  offer(epoch: string, first: number, last: number): { keys: number[]; seqs: number[] } {
    const rows = this.#sql
      .prepare<[string, number, number], { ord: number; seq: number }>(
        'UPDATE records SET pending = 1 WHERE epoch = ? AND seq BETWEEN ? AND ? RETURNING ord, seq',
      )
      .all(epoch, first, last);
    return { keys: rows.map(({ ord }) => ord), seqs: rows.map(({ seq }) => seq) };
  }

  /** Removes those of these records that nobody can read any more; answers them. */
  removeDamaged(keys: readonly number[]): { keys: number[]; seqs: number[] } {
    const find = this.#sql.prepare<[number], Row>(`SELECT ${COLUMNS} FROM records WHERE ord = ?`);
    const rows = keys.flatMap((key) => find.get(key) ?? []).filter(({ body }) => !isJson(body));
    const remove = this.#sql.prepare('DELETE FROM records WHERE ord = ?');
    for (const { ord } of rows) remove.run(ord);
    return { keys: rows.map(({ ord }) => ord), seqs: rows.map(({ seq }) => seq) };
  }

  /** Offers every kept alarm again that the ledger is not known to hold. */
  offerKept(confirmed: Confirmed): void {
    this.#write(() => {
      this.#sql
        .prepare('UPDATE records SET pending = 1 WHERE epoch <> ? OR seq > ?')
        .run(this.book.epoch, confirmed.upTo);
      this.book.confirm(confirmed);
      this.book.save();
    });
  }

  /**
   * Marks what a receipt confirms in its epoch; answers the ids that were not confirmed before. Not synced: the lamp
   * waits for this, and a mark that a power cut takes is only offered to the ledger again, which knows it.
   */
  markReceived(receipt: Receipt, confirmed: Confirmed | null): string[] {
    const { epoch, upTo } = receipt;
    const ids = this.#writeUnsynced(() => {
      const rows = this.#findUnmarked.all(epoch, upTo);
      // Dated by the site: the device's own clock may be unset.
      this.#mark.run(Date.parse(receipt.siteTime), epoch, upTo);
      if (confirmed !== null) this.book.confirm(confirmed);
      this.book.save();
      this.#failpoint('journal.delete.before-commit');
      return rows.filter(({ receivedAtMs }) => receivedAtMs === null).map(({ id }) => id);
    });
    this.#failpoint('journal.delete.after-commit');
    return ids;
  }

  /** Moves what waits (and, for another ledger, what is kept) to a new epoch under new numbers. */
  beginEpoch(reason: EpochReason, ledgerId: string, which: 'pending' | 'all'): void {
    this.#write(() => {
      const previousEpoch = this.book.epoch;
      this.book.ledgerId = ledgerId;
      this.book.begin({ previousEpoch, reason });
      const rows = this.#sql
        .prepare<[string], Row>(`SELECT ${COLUMNS} FROM records WHERE pending = 1 OR ? = 'all' ORDER BY ord`)
        .all(which);
      const move = this.#sql.prepare(
        'UPDATE records SET epoch = ?, seq = ?, body = ?, pending = 1 WHERE ord = ?',
      );
      const leave = this.#sql.prepare('UPDATE records SET pending = 0 WHERE ord = ?');
      for (const { ord, body } of rows) {
        const { epoch, next } = this.book;
        if (!isJson(body)) {
          // Stays where it is: a damaged record must not keep the others in an epoch that the site does not share.
          leave.run(ord);
          continue;
        }
        move.run(epoch, next, moved(body, epoch, next), ord);
        this.book.next += 1;
      }
      this.book.save();
      this.#failpoint('journal.epoch.before-commit');
    });
    this.#failpoint('journal.epoch.after-commit');
  }

  /** Takes over a record of a damaged journal. False when it is there already. */
  adopt(id: string, body: string): boolean {
    const { epoch, next } = this.book;
    const { changes } = this.#sql
      .prepare('INSERT OR IGNORE INTO records (epoch, seq, id, body, pending) VALUES (?, ?, ?, ?, 1)')
      .run(epoch, next, id, moved(body, epoch, next));
    if (changes > 0) this.book.next += 1;
    return changes > 0;
  }

  /** Ids of the newest alarms that the ledger has, newest first. */
  recentlyReceived(limit: number): string[] {
    return this.#sql
      .prepare<[number], { id: string }>(
        'SELECT id FROM records WHERE receivedAtMs IS NOT NULL ORDER BY ord DESC LIMIT ?',
      )
      .all(limit)
      .map(({ id }) => id);
  }

  /** Removes alarms that the ledger has had since before this moment. */
  prune(beforeMs: number): number {
    const old = this.#sql.prepare<[number], unknown>(
      'SELECT 1 FROM records WHERE pending = 0 AND receivedAtMs < ? LIMIT 1',
    );
    // Without this a device would sync its card for nothing, again and again.
    if (old.get(beforeMs) === undefined) return 0;
    return this.#write(() => {
      this.book.save();
      return this.#sql.prepare('DELETE FROM records WHERE pending = 0 AND receivedAtMs < ?').run(beforeMs)
        .changes;
    });
  }

  /** Keeps the reason with an alarm that the site has put into quarantine. True the first time. */
  markRejected(epoch: string, seq: number, code: string): boolean {
    return (
      this.#sql
        .prepare('UPDATE records SET rejectedCode = ? WHERE epoch = ? AND seq = ? AND rejectedCode IS NULL')
        .run(code, epoch, seq).changes > 0
    );
  }

  /** Whether any record, waiting or kept, is of this epoch. */
  hasEpoch(epoch: string): boolean {
    return this.#sql.prepare('SELECT 1 FROM records WHERE epoch = ? LIMIT 1').get(epoch) !== undefined;
  }

  /** Lowest and highest number still to be delivered, and how many. */
  extent(): { oldest: number; newest: number; count: number } {
    const row = this.#extent.get(this.book.epoch);
    return { oldest: row?.oldest ?? 0, newest: row?.newest ?? 0, count: row?.count ?? 0 };
  }

  #writeUnsynced<T>(work: () => T): T {
    return unsynced(this.#sql, () => this.#write(work));
  }

  #write<T>(work: () => T): T {
    return this.book.attempt(() => this.#sql.transaction(work)());
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // A bad block of the card has eaten a part of it.
  }
}

const recordOf = ({ ord, id, body, receivedAtMs }: Row): JournalRecord => ({
  lane: 'alarm',
  key: ord,
  id,
  body,
  ...(receivedAtMs === null ? {} : { isKnown: true }),
});
