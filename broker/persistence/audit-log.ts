import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Clock } from '#contract/clock.ts';

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

/** Recomputes every hash; with a head exported earlier also finds that the end was cut off or rewritten. */
export function verifyChain(sql: Database, exported: AuditHead = GENESIS): ChainVerdict {
  let previous = GENESIS;
  for (const row of sql.prepare<[], AuditRow>('SELECT * FROM audit ORDER BY row').iterate()) {
    if (row.row !== previous.row + 1) {
      return { ok: false, row: previous.row + 1, reason: 'this row is missing' };
    }
    if (row.hash !== hashOf(previous.hash, row)) {
      return { ok: false, row: row.row, reason: 'this row, or the one before it, is not what was written' };
    }
    if (row.row === exported.row && row.hash !== exported.hash) {
      return { ok: false, row: row.row, reason: 'this row is not the one whose head was exported' };
    }
    previous = { row: row.row, hash: row.hash };
  }
  if (previous.row < exported.row) {
    return { ok: false, row: previous.row + 1, reason: 'rows up to the exported head are missing' };
  }
  return { ok: true, head: previous };
}

/** JSON of a fixed order: no field can be moved into its neighbour without changing the text. */
function hashOf(previous: string, { row, at, who, action, subject, detail }: Omit<AuditRow, 'hash'>): string {
  const text = JSON.stringify([row, at, who, action, subject, detail]);
  return createHash('sha256').update(`${previous}\n${text}`).digest('hex');
}
