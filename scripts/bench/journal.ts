import { join } from 'node:path';
import Database from 'better-sqlite3';
import { machineBootId, machineClockSource, SystemDeviceClock } from '#agent/core/device-clock.ts';
import { Journal } from '#agent/core/journal/journal.ts';
import type { JournalRecord } from '#agent/core/journal/record.ts';
import { systemClock } from '#contract/clock.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { median, rounded } from './figures.ts';
import { inBenchFolder } from './folder.ts';
import { silentLog } from './silent-log.ts';

export interface JournalBench {
  /** Rounds measured, and records in each. */
  readonly rounds: number;
  readonly batch: number;
  readonly recordBytes: number;
  /** Records a second, at the median round. */
  readonly append: Rate;
  /** Read in order, confirmed by a receipt, deleted. */
  readonly drain: Rate;
  readonly target: number;
}

interface Rate {
  readonly journal: number;
  readonly bare: number;
  /** Journal over bare: at least 0.5 is the target. */
  readonly ratio: number;
}

export const JOURNAL_TARGET = 0.5;
/** V8 has compiled both sides for good by then; a device runs for months. */
const WARM_UP = 50;
const DATA = { input: 'button', place: { label: 'East gate, beside the bus stop' }, heldMs: 400 };

/**
 * The journal beside a bare better-sqlite3 that inserts, reads and deletes the same bytes in batches of the same
 * size, in turns. Half as fast is what numbering, dating, serializing and the rules of receipts may cost.
 */
export function benchJournal({ rounds, batch }: { rounds: number; batch: number }): Promise<JournalBench> {
  return inBenchFolder(async (dir) => {
    const ours = new OwnJournal(join(dir, 'device'));
    const bare = new BareTable(join(dir, 'bare.db'));
    try {
      const ms: { append: Pair[]; drain: Pair[] } = { append: [], drain: [] };
      let recordBytes = 0;
      for (let round = -WARM_UP; round < rounds; round += 1) {
        const ownAppend = timed(() => ours.append(batch));
        const records = ours.waiting(batch);
        const bareAppend = timed(() => bare.append(records));
        const ownDrain = timed(() => ours.drain(batch));
        const bareDrain = timed(() => bare.drain(batch));
        recordBytes = Buffer.byteLength(records[0]?.body ?? '');
        if (round < 0) continue;
        ms.append.push([ownAppend, bareAppend]);
        ms.drain.push([ownDrain, bareDrain]);
      }
      const rate = (pairs: readonly Pair[]) => rateOf(pairs, batch);
      return {
        rounds,
        batch,
        recordBytes,
        append: rate(ms.append),
        drain: rate(ms.drain),
        target: JOURNAL_TARGET,
      };
    } finally {
      ours.close();
      bare.close();
    }
  });
}

type Pair = readonly [journalMs: number, bareMs: number];

function rateOf(pairs: readonly Pair[], batch: number): Rate {
  const journalMs = median(pairs.map(([own]) => own));
  const bareMs = median(pairs.map(([, bare]) => bare));
  const perSecond = (ms: number) => Math.round((batch / ms) * 1000);
  return { journal: perSecond(journalMs), bare: perSecond(bareMs), ratio: rounded(bareMs / journalMs) };
}

function timed(work: () => void): number {
  const beganMs = performance.now();
  work();
  return performance.now() - beganMs;
}

/** The agent's journal, its event lane. */
class OwnJournal {
  readonly #clock = new SystemDeviceClock({
    source: machineClockSource,
    bootId: machineBootId(),
    clock: systemClock,
  });
  readonly #journal: Journal;
  readonly #ledgerId = uuidv7(systemClock);
  readonly #epoch: string;
  #doneTo = 0;

  constructor(dir: string) {
    this.#journal = new Journal({
      dir,
      address: { site: 'bench', device: 'pillar-001' },
      clock: this.#clock,
      log: silentLog,
      maxBytes: 64 * 1024 * 1024,
      ballastBytes: 0,
      keepAlarmsDays: 30,
    });
    this.#journal.start();
    this.#journal.flush();
    this.#epoch = this.#journal.lanes().event?.epoch ?? '';
    this.drain(Number.MAX_SAFE_INTEGER);
  }

  append(count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.#journal.recordEvent('wp.panic.released.v1', { ...DATA, pressId: this.#ledgerId });
    }
    this.#journal.flush();
  }

  waiting(limit: number): JournalRecord[] {
    return this.#journal.after('event', this.#doneTo, limit);
  }

  drain(limit: number): void {
    const last = this.waiting(limit).at(-1);
    if (last === undefined) return;
    this.#journal.applyReceipt({
      ledgerId: this.#ledgerId,
      epoch: this.#epoch,
      lane: 'event',
      upTo: last.key,
      atId: last.id,
      siteTime: new Date(systemClock.wallMs()).toISOString(),
    });
    this.#journal.flush();
    this.#doneTo = last.key;
  }

  close(): void {
    this.#journal.close();
  }
}

/** A table of the same rows under the same settings, and nothing else. */
class BareTable {
  readonly #sql;
  readonly #append;
  readonly #drain;

  constructor(file: string) {
    const sql = new Database(file);
    this.#sql = sql;
    sql.pragma('locking_mode = EXCLUSIVE');
    sql.pragma('auto_vacuum = INCREMENTAL');
    sql.pragma('journal_mode = WAL');
    sql.pragma('synchronous = NORMAL');
    sql.pragma('wal_autocheckpoint = 256');
    sql.pragma('cache_size = -512');
    sql.exec(
      `CREATE TABLE records
       (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL) STRICT`,
    );
    const insert = sql.prepare<[number, string, string, string]>('INSERT INTO records VALUES (?, ?, ?, ?)');
    const oldest = sql.prepare<[number], { seq: number; body: string }>(
      'SELECT * FROM records ORDER BY seq LIMIT ?',
    );
    const remove = sql.prepare<[number]>('DELETE FROM records WHERE seq <= ?');
    this.#append = sql.transaction((records: readonly JournalRecord[]) => {
      for (const { key, id, body } of records) insert.run(key, id, 'wp.panic.released.v1', body);
    });
    this.#drain = sql.transaction((limit: number) => {
      remove.run(oldest.all(limit).at(-1)?.seq ?? 0);
    });
  }

  append(records: readonly JournalRecord[]): void {
    this.#append(records);
  }

  drain(limit: number): void {
    this.#drain(limit);
  }

  close(): void {
    this.#sql.close();
  }
}
