import type { Lane } from '#contract/topics.ts';
import { lazy } from '../lazy.ts';
import type { GroupCommit } from '../ports.ts';

/** One numbered sequence of events. */
export interface LaneKey {
  readonly source: string;
  readonly epoch: string;
  readonly lane: Lane;
}

export interface Watermark {
  /** It and everything before it is in the ledger, declared dropped, or quarantined. */
  readonly upTo: number;
  /** The event's id at `upTo`; null where the site knows none (dropped, or its id could not be read). */
  readonly atId: string | null;
  /** Up to here retention may have removed events. */
  readonly prunedTo: number;
}

export interface SettledRange {
  readonly from: number;
  readonly to: number;
  /** Id of the event at `to`. */
  readonly atId: string | null;
}

const NOTHING: Watermark = { upTo: 0, atId: null, prunedTo: 0 };
/** Gaps named in one receipt; the next ones follow when these are closed. */
const MISSING_MAX = 100;
/** Epochs of a device's lane that are remembered without events: each is a journal that was lost or cloned. */
const KEPT_EPOCHS = 64;

/** How far each lane is settled without a gap, and what is settled beyond the first gap. Never goes back. */
export class Watermarks {
  readonly #store: GroupCommit;
  readonly #get = lazy(() =>
    this.#store.sql.prepare<[string, string, string], Watermark>(
      'SELECT up_to AS upTo, at_id AS atId, pruned_to AS prunedTo FROM ledger_lane WHERE source = ? AND epoch = ? AND lane = ?',
    ),
  );
  readonly #put = lazy(() =>
    this.#store.sql.prepare(
      `INSERT INTO ledger_lane (source, epoch, lane, up_to, at_id) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET up_to = excluded.up_to, at_id = excluded.at_id WHERE excluded.up_to > up_to`,
    ),
  );
  readonly #touching = lazy(() =>
    this.#store.sql.prepare<[string, string, string, number, number], SettledRange>(
      `SELECT seq_from AS "from", seq_to AS "to", at_id AS atId FROM ledger_ahead
       WHERE source = ? AND epoch = ? AND lane = ? AND seq_from <= ? AND seq_to >= ? ORDER BY seq_from`,
    ),
  );
  readonly #ahead = lazy(() =>
    this.#store.sql.prepare<[string, string, string, number], SettledRange>(
      `SELECT seq_from AS "from", seq_to AS "to", at_id AS atId FROM ledger_ahead
       WHERE source = ? AND epoch = ? AND lane = ? ORDER BY seq_from LIMIT ?`,
    ),
  );
  readonly #remove = lazy(() =>
    this.#store.sql.prepare(
      'DELETE FROM ledger_ahead WHERE source = ? AND epoch = ? AND lane = ? AND seq_from = ?',
    ),
  );
  readonly #insert = lazy(() =>
    this.#store.sql.prepare(
      'INSERT INTO ledger_ahead (source, epoch, lane, seq_from, seq_to, at_id) VALUES (?, ?, ?, ?, ?, ?)',
    ),
  );

  constructor(store: GroupCommit) {
    this.#store = store;
  }

  get({ source, epoch, lane }: LaneKey): Watermark {
    return this.#get().get(source, epoch, lane) ?? NOTHING;
  }

  /** Inside a commit. Settles a range, joins it with what it touches, and moves the watermark as far as it goes. */
  settle(key: LaneKey, range: SettledRange): void {
    const { source, epoch, lane } = key;
    const { upTo } = this.get(key);
    if (range.to <= upTo) return;
    const joined = this.#join(key, range);
    if (joined.from <= upTo + 1) this.#put().run(source, epoch, lane, joined.to, joined.atId);
    else {
      this.#put().run(source, epoch, lane, 0, null);
      this.#insert().run(source, epoch, lane, joined.from, joined.to, joined.atId);
    }
  }

  /** Ranges between what is settled, oldest first. */
  missing(key: LaneKey): [number, number][] {
    const { source, epoch, lane } = key;
    const gaps: [number, number][] = [];
    let next = this.get(key).upTo + 1;
    for (const { from, to } of this.#ahead().all(source, epoch, lane, MISSING_MAX)) {
      gaps.push([next, from - 1]);
      next = to + 1;
    }
    return gaps;
  }

  /** Whether the number lies beyond the watermark in a range that is settled. */
  isAhead({ source, epoch, lane }: LaneKey, seq: number): boolean {
    return this.#touching().get(source, epoch, lane, seq, seq) !== undefined;
  }

  /** Inside a commit: retention has removed events up to this number. */
  notePruned({ source, epoch, lane }: LaneKey, seq: number): void {
    this.#store.sql
      .prepare(
        'UPDATE ledger_lane SET pruned_to = max(pruned_to, ?) WHERE source = ? AND epoch = ? AND lane = ?',
      )
      .run(seq, source, epoch, lane);
  }

  /**
   * Inside a commit: keeps the tables small whatever devices do. Gaps below what retention has removed are given up,
   * but never an alarm's; of the epochs in which a device has no events left the newest stay. Answers how many rows went.
   */
  prune(): number {
    const { sql } = this.#store;
    const overdue = sql
      .prepare<[], LaneKey & { readonly to: number; readonly atId: string | null }>(
        `SELECT source, epoch, lane, max(seq_to) AS "to", ledger_ahead.at_id AS atId
         FROM ledger_ahead JOIN ledger_lane USING (source, epoch, lane)
         WHERE lane <> 'alarm' AND seq_to <= pruned_to GROUP BY source, epoch, lane`,
      )
      .all();
    for (const { to, atId, ...key } of overdue) this.settle(key, { from: this.get(key).upTo + 1, to, atId });
    const lanes = sql
      .prepare(
        `DELETE FROM ledger_lane WHERE row IN (
           SELECT row FROM (SELECT row, source, epoch, lane,
                              row_number() OVER (PARTITION BY source, lane ORDER BY row DESC) AS age FROM ledger_lane)
           AS old WHERE age > ${KEPT_EPOCHS} AND NOT EXISTS (
             SELECT 1 FROM ledger_event WHERE ledger_event.source = old.source
               AND ledger_event.epoch = old.epoch AND ledger_event.lane = old.lane))`,
      )
      .run().changes;
    if (lanes > 0) {
      sql.exec(
        `DELETE FROM ledger_ahead WHERE NOT EXISTS (SELECT 1 FROM ledger_lane
         WHERE ledger_lane.source = ledger_ahead.source AND ledger_lane.epoch = ledger_ahead.epoch
           AND ledger_lane.lane = ledger_ahead.lane)`,
      );
    }
    return overdue.length + lanes;
  }

  /** The epoch of each lane that the site met last. */
  newest(source: string): LaneKey[] {
    return this.#store.sql
      .prepare<[string], LaneKey>(
        `SELECT source, epoch, lane FROM ledger_lane
         WHERE row IN (SELECT max(row) FROM ledger_lane WHERE source = ? GROUP BY lane) ORDER BY lane`,
      )
      .all(source);
  }

  #join(key: LaneKey, range: SettledRange): SettledRange {
    const { source, epoch, lane } = key;
    let joined = range;
    for (const other of this.#touching().all(source, epoch, lane, range.to + 1, range.from - 1)) {
      this.#remove().run(source, epoch, lane, other.from);
      joined = {
        from: Math.min(joined.from, other.from),
        ...(other.to > joined.to ? { to: other.to, atId: other.atId } : { to: joined.to, atId: joined.atId }),
      };
    }
    return joined;
  }
}
