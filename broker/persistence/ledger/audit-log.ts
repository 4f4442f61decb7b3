import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Clock } from '#contract/clock.ts';
import type { GroupCommit } from '../ports.ts';

/** What was done, by whom, to what. `detail` never holds a secret. */
export interface AuditEntry {
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AuditRow {
  readonly row: number;
  readonly at: string;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  /** JSON, as it went into the hash. */
  readonly detail: string;
  readonly hash: string;
}

export interface AuditHead {
  readonly row: number;
  readonly hash: string;
}

export type ChainVerdict =
  | { readonly ok: true; readonly head: AuditHead }
  | { readonly ok: false; readonly row: number; readonly reason: string };

/** The hash before the first row. */
export const GENESIS: AuditHead = { row: 0, hash: '0'.repeat(64) };

/**
 * The hash-chained record of what people and the site did. A row's hash is SHA-256 over the hash before it and the
 * row's own canonical text, so that changing, removing or inserting one breaks every hash after it. Cutting off the
 * end is seen only against a head exported before (`watchpost audit head`), which is why heads are exportable.
 */
export class AuditLog {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For what is recorded by itself; what changes something else uses `append` in the same `commit`. */
  async record(db: GroupCommit, entry: AuditEntry): Promise<void> {
    await db.commit((sql) => this.append(sql, entry));
  }

  /** Inside a `commit`, so that the record stands or falls with what it records. */
  append(sql: Database, { who, action, subject, detail = {} }: AuditEntry): AuditRow {
    const head = headOf(sql);
    const unhashed = {
      row: head.row + 1,
      at: new Date(this.#clock.wallMs()).toISOString(),
      who,
      action,
      subject,
      detail: JSON.stringify(detail),
    };
    const row = { ...unhashed, hash: hashOf(head.hash, unhashed) };
    sql
      .prepare(
        'INSERT INTO audit (row, at, who, action, subject, detail, hash) VALUES (@row, @at, @who, @action, @subject, @detail, @hash)',
      )
      .run(row);
    return row;
  }
}

export function headOf(sql: Database): AuditHead {
  return sql.prepare<[], AuditHead>('SELECT row, hash FROM audit ORDER BY row DESC LIMIT 1').get() ?? GENESIS;
}

/** Newest first, older than row `before`. */
export function listAudit(sql: Database, { before, limit }: { before: number; limit: number }): AuditRow[] {
  return sql
    .prepare<[number, number], AuditRow>('SELECT * FROM audit WHERE row < ? ORDER BY row DESC LIMIT ?')
    .all(before, limit);
}

/** Oldest first, younger than row `after`. */
export function auditAfter(sql: Database, { after, limit }: { after: number; limit: number }): AuditRow[] {
  return sql
    .prepare<[number, number], AuditRow>('SELECT * FROM audit WHERE row > ? ORDER BY row LIMIT ?')
    .all(after, limit);
}

/** The head as it was after this row; GENESIS for 0, null when there is no such row. */
export function headAt(sql: Database, row: number): AuditHead | null {
  if (row === 0) return GENESIS;
  return sql.prepare<[number], AuditHead>('SELECT row, hash FROM audit WHERE row = ?').get(row) ?? null;
}

/** Recomputes every hash; with heads exported earlier also finds that the end was cut off or written anew. */
export function verifyChain(sql: Database, exported: AuditHead | readonly AuditHead[] = []): ChainVerdict {
  const rows = sql.prepare<[], AuditRow>('SELECT * FROM audit ORDER BY row').iterate();
  return verifyRows(rows, { exported: [exported].flat() });
}

export interface ChainWitness {
  readonly exported: readonly AuditHead[];
  /** Where the rows begin, when that is not at the beginning. */
  readonly start?: AuditHead;
}

/** The same for rows from anywhere, oldest first: a file that was exported needs no database. */
export function verifyRows(
  rows: Iterable<AuditRow>,
  { exported, start = GENESIS }: ChainWitness,
): ChainVerdict {
  const heads = Map.groupBy(exported, ({ row }) => row);
  let previous = start;
  for (const row of rows) {
    const reason = judgeRow(previous, row) ?? denied(row, heads);
    if (reason !== null) return reason;
    previous = { row: row.row, hash: row.hash };
  }
  const wrongStart = denied(start, heads);
  if (wrongStart !== null) return wrongStart;
  const last = exported.reduce((most, { row }) => Math.max(most, row), 0);
  if (previous.row < last) {
    return { ok: false, row: previous.row + 1, reason: 'rows up to the exported head are missing' };
  }
  return { ok: true, head: previous };
}

function judgeRow(previous: AuditHead, row: AuditRow): ChainVerdict | null {
  if (row.row !== previous.row + 1) {
    return { ok: false, row: previous.row + 1, reason: 'this row is missing' };
  }
  if (row.hash !== hashOf(previous.hash, row)) {
    return { ok: false, row: row.row, reason: 'this row, or the one before it, is not what was written' };
  }
  return null;
}

/** Every head kept of a row must be its own: a later one may come from a chain that was written anew by then. */
function denied(
  { row, hash }: AuditHead,
  heads: ReadonlyMap<number, readonly AuditHead[]>,
): ChainVerdict | null {
  const isVouched = heads.get(row)?.every((head) => head.hash === hash) ?? true;
  return isVouched ? null : { ok: false, row, reason: 'this row is not the one whose head was exported' };
}

/** Finds a head that was copied wrongly, which would look like a chain that was tampered with. */
export const checkOfHead = ({ row, hash }: AuditHead): string =>
  createHash('sha256').update(`${row} ${hash}`).digest('hex').slice(0, 8);

/** JSON of a fixed order: no field can be moved into its neighbour without changing the text. */
function hashOf(previous: string, { row, at, who, action, subject, detail }: Omit<AuditRow, 'hash'>): string {
  const text = JSON.stringify([row, at, who, action, subject, detail]);
  return createHash('sha256').update(`${previous}\n${text}`).digest('hex');
}
