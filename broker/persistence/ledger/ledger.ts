import type { Clock } from '#contract/clock.ts';
import { type Envelope, Envelope as EnvelopeSchema } from '#contract/envelope.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import type { Receipt } from '#contract/messages.ts';
import { addressOfSource, type DeviceAddress, sourceOf } from '#contract/names.ts';
import type { Lane } from '#contract/topics.ts';
import { lazy } from '../lazy.ts';
import type { GroupCommit, LedgerEvent } from '../ports.ts';
import { Dating, pruneBoots } from './dating.ts';
import type { Quarantine } from './quarantine.ts';
import { type LaneKey, Watermarks } from './watermarks.ts';

/**
 * What became of an event: taken; known already (receipted again, and nothing else); or refused because its
 * number belongs to another event, which happens when a journal was cloned or restored.
 */
export type Ingested =
  | { readonly kind: 'taken'; readonly event: LedgerEvent; readonly redated: readonly LedgerEvent[] }
  | { readonly kind: 'known' }
  | { readonly kind: 'conflict'; readonly takenBy: string };

interface EventRow {
  readonly row: number;
  readonly source: string;
  readonly lane: Lane;
  readonly received_at: string;
  readonly happened_at: string;
  readonly test: number;
  readonly envelope: string;
}

export interface LedgerParts {
  readonly store: GroupCommit;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
}

/** Ids of unstored alarms named in one receipt, newest first. */
const VOLATILE_MAX = 200;
/** Events removed in one commit: some ten milliseconds of the event loop (measured). */
const PRUNE_BATCH = 250;

/** Of one lane, what is to go. */
interface EventCut {
  readonly lane: Lane;
  readonly upToRow: number;
  readonly keep: readonly string[];
}

interface GoneRow extends LaneKey {
  readonly row: number;
  readonly seq: number | null;
}

/**
 * The site's ledger of events (DESIGN, Delivery). Each event once: by its id, and by its number within epoch and
 * lane. Watermarks outlive the events, so that a late replay is receipted and not taken again.
 */
export class Ledger {
  readonly watermarks: Watermarks;
  readonly #store: GroupCommit;
  readonly #quarantine: Quarantine;
  readonly #clock: Clock;
  readonly #dating: Dating;
  readonly #byId = lazy(() =>
    this.#store.sql
      .prepare<[string, string], number>('SELECT row FROM ledger_event WHERE source = ? AND id = ?')
      .pluck(),
  );
  readonly #bySeq = lazy(() =>
    this.#store.sql
      .prepare<[string, string, string, number], string>(
        'SELECT id FROM ledger_event WHERE source = ? AND epoch = ? AND lane = ? AND seq = ?',
      )
      .pluck(),
  );
  readonly #insert = lazy(() =>
    this.#store.sql.prepare(
      `INSERT INTO ledger_event
       (source, id, epoch, lane, seq, type, boot, mono_ms, dated, happened_at, received_at, test, envelope)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  );

  constructor({ store, quarantine, clock }: LedgerParts) {
    this.#store = store;
    this.#quarantine = quarantine;
    this.#clock = clock;
    this.#dating = new Dating(store);
    this.watermarks = new Watermarks(store);
  }

  /** Inside a commit. The envelope is valid and comes from `address`; `test` is the site's own judgement. */
  ingest(address: DeviceAddress, sent: Envelope, test: boolean): Ingested {
    const { wptest: _, ...said } = sent;
    const envelope: Envelope = test ? { ...said, wptest: true } : said;
    const key = keyOf(envelope);
    const settled = this.#judge(key, envelope);
    if (settled !== null) return settled;
    const event = this.#add(address, envelope, test);
    if (envelope.wpseq !== undefined) this.#settle(key, envelope.wpseq, envelope.id);
    this.#closeDropped(envelope);
    const redated = this.#dating.learn(envelope).flatMap(({ row }) => this.read(row) ?? []);
    return { kind: 'taken', event, redated };
  }

  /** Inside a commit: an event that the site itself makes. It has no part in watermarks and receipts. */
  recordOwn(address: DeviceAddress, envelope: Envelope, test: boolean): LedgerEvent {
    return this.#add(address, test ? { ...envelope, wptest: true } : envelope, test);
  }

  /** Inside a commit: a quarantined message must not block those behind it. */
  pass(key: LaneKey, seq: number, eventId: string | null): void {
    this.#settle(key, seq, eventId);
  }

  receipt(ledgerId: string, key: LaneKey): Receipt {
    const { upTo, atId } = this.watermarks.get(key);
    const missing = this.watermarks.missing(key);
    const rejected = this.#quarantine.rejected(key);
    const volatile = key.lane === 'alarm' ? this.#volatile(key) : [];
    return {
      ledgerId,
      epoch: key.epoch,
      lane: key.lane,
      upTo,
      atId,
      ...(missing.length > 0 ? { missing } : {}),
      ...(rejected.length > 0 ? { rejected } : {}),
      ...(volatile.length > 0 ? { volatile } : {}),
      siteTime: this.#now(),
    };
  }

  read(row: number): LedgerEvent | null {
    const found = this.#store.sql
      .prepare<[number], EventRow>('SELECT * FROM ledger_event WHERE row = ?')
      .get(row);
    return found === undefined ? null : eventOf(found);
  }

  byId(id: string): LedgerEvent | null {
    const found = this.#store.sql
      .prepare<[string], EventRow>('SELECT * FROM ledger_event WHERE id = ? ORDER BY row LIMIT 1')
      .get(id);
    return found === undefined ? null : eventOf(found);
  }

  /** Newest first. `after` is the row of the last one seen; `source` and `type` narrow it. */
  list(query: {
    readonly source?: string;
    readonly type?: string;
    readonly after?: number;
    readonly limit: number;
  }): LedgerEvent[] {
    const { source, type, after, limit } = query;
    const where = [
      ...(source === undefined ? [] : ['source = @source']),
      ...(type === undefined ? [] : ['type = @type']),
      ...(after === undefined ? [] : ['row < @after']),
    ];
    const filter = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
    return this.#store.sql
      .prepare<[object], EventRow>(`SELECT * FROM ledger_event ${filter} ORDER BY row DESC LIMIT @limit`)
      .all({ source, type, after, limit })
      .map(eventOf);
  }

  /**
   * Removes one batch of a lane, in one commit: rows above `afterRow` and up to `upToRow` except the events in `keep`.
   * Watermarks stay, so that a late replay is receipted and not taken again. `lastRow`: where the next batch begins.
   */
  prune(
    { lane, upToRow, keep }: EventCut,
    afterRow = 0,
  ): Promise<{ readonly removed: number; readonly more: boolean; readonly lastRow: number }> {
    return this.#store.commit((sql) => {
      const gone = sql
        .prepare<[Lane, number, number, string], GoneRow>(
          `DELETE FROM ledger_event WHERE row IN
           (SELECT row FROM ledger_event WHERE lane = ? AND row > ? AND row <= ?
              AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY row LIMIT ${PRUNE_BATCH})
           RETURNING row, source, epoch, lane, seq`,
        )
        .all(lane, afterRow, upToRow, JSON.stringify(keep));
      for (const [key, seq] of highestOf(gone)) this.watermarks.notePruned(key, seq);
      const lastRow = gone.reduce((last, { row }) => Math.max(last, row), afterRow);
      return { removed: gone.length, more: gone.length === PRUNE_BATCH, lastRow };
    });
  }

  /** What no event refers to any more and no device can need: old epochs, old boots, gaps that nobody will fill. */
  pruneMarks(): Promise<number> {
    return this.#store.commit((sql) => this.watermarks.prune() + pruneBoots(sql));
  }

  #judge(key: LaneKey, { id, source, wpseq }: Envelope): Ingested | null {
    if (this.#byId().get(source, id) !== undefined) {
      if (wpseq !== undefined) this.#settle(key, wpseq, id);
      return { kind: 'known' };
    }
    if (wpseq === undefined) return null;
    const takenBy = this.#bySeq().get(source, key.epoch, key.lane, wpseq);
    if (takenBy !== undefined) return { kind: 'conflict', takenBy };
    const { upTo, atId, prunedTo } = this.watermarks.get(key);
    if (wpseq === upTo && atId !== null && atId !== id) return { kind: 'conflict', takenBy: atId };
    const removed = wpseq <= prunedTo && (wpseq <= upTo || this.watermarks.isAhead(key, wpseq));
    return removed ? { kind: 'known' } : null;
  }

  #add(address: DeviceAddress, envelope: Envelope, test: boolean): LedgerEvent {
    const receivedAt = this.#now();
    const { happenedAt, dated } = this.#dating.date(envelope, receivedAt);
    const { id, wpepoch, wplane, wpseq, type, wpboot, wpmono } = envelope;
    const { lastInsertRowid } = this.#insert().run(
      ...[
        sourceOf(address),
        id,
        wpepoch,
        wplane,
        wpseq ?? null,
        type,
        wpboot,
        Number(wpmono),
        dated,
        happenedAt,
      ],
      ...[receivedAt, Number(test), JSON.stringify(envelope)],
    );
    const row = Number(lastInsertRowid);
    const { site, device } = address;
    return { site, device, row, lane: wplane, receivedAt, happenedAt, test, envelope };
  }

  #settle(key: LaneKey, seq: number, atId: string | null): void {
    this.watermarks.settle(key, { from: seq, to: seq, atId });
  }

  #closeDropped({ type, source, data }: Envelope): void {
    if (type !== 'wp.lane.dropped.v1') return;
    const { epoch, lane, from, to } = EVENT_DATA[type].parse(data);
    if (from <= to) this.watermarks.settle({ source, epoch, lane }, { from, to, atId: null });
  }

  #volatile({ source, epoch, lane }: LaneKey): string[] {
    return this.#store.sql
      .prepare<[string, string, string], string>(
        `SELECT id FROM ledger_event WHERE source = ? AND epoch = ? AND lane = ? AND seq IS NULL
         ORDER BY row DESC LIMIT ${VOLATILE_MAX}`,
      )
      .pluck()
      .all(source, epoch, lane);
  }

  #now(): string {
    return new Date(this.#clock.wallMs()).toISOString();
  }
}

function highestOf(gone: readonly GoneRow[]): Map<LaneKey, number> {
  const byKey = new Map<string, { readonly key: LaneKey; readonly seq: number }>();
  for (const { source, epoch, lane, seq } of gone) {
    const name = `${source} ${epoch} ${lane}`;
    const known = byKey.get(name)?.seq ?? 0;
    if (seq !== null && seq > known) byKey.set(name, { key: { source, epoch, lane }, seq });
  }
  return new Map([...byKey.values()].map(({ key, seq }) => [key, seq]));
}

export const keyOf = ({ source, wpepoch, wplane }: Envelope): LaneKey => ({
  source,
  epoch: wpepoch,
  lane: wplane,
});

function eventOf(found: EventRow): LedgerEvent {
  const { row, source, lane, received_at, happened_at, test } = found;
  const address = addressOfSource(source) ?? { site: '', device: '' };
  const envelope = EnvelopeSchema.parse(JSON.parse(found.envelope));
  return {
    ...address,
    row,
    lane,
    receivedAt: received_at,
    happenedAt: happened_at,
    test: test === 1,
    envelope,
  };
}
