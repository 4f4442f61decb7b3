import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { Envelope } from '#contract/envelope.ts';
import { WatchpostError } from '#contract/errors.ts';
import { BlobReference } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { BLOB_PIECE_BYTES } from '#contract/messages.ts';
import { type DeviceAddress, sourceOf } from '#contract/names.ts';
import type { GroupCommit } from '../ports.ts';

export interface EvidenceParts {
  readonly store: GroupCommit;
  /** Where whole pieces of evidence lie. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when a whole is on disk and its hash is right. */
  readonly onComplete: (item: EvidenceItem) => void;
}

export interface EvidenceItem {
  readonly source: string;
  readonly blobId: string;
  readonly eventId: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly completedAt: string;
  readonly path: string;
}

interface EvidenceRow {
  readonly source: string;
  readonly blob_id: string;
  readonly event_id: string;
  readonly media_type: string;
  readonly bytes: number;
  readonly pieces: number;
  readonly sha256: string;
  readonly state: 'waiting' | 'complete' | 'damaged' | 'erased';
  readonly completed_at: string | null;
}

/** What retention takes: rows of the two tables up to which things have had their time. */
export interface EvidenceCut {
  readonly wholesUpTo: number;
  readonly piecesUpTo: number;
  /** Ids of blobs. */
  readonly keep: ReadonlySet<string>;
}

/** How often what could not be written is tried again. */
const RETRY_EVERY_MS = 60_000;
/** Largest whole, and how much one device may have waiting for its event or its last piece. */
const WHOLE_MAX_BYTES = 16 * 1024 * 1024;
const WAITING_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Pictures and sound that travel beside events. Pieces are rows until all are there and the event has said what
 * they make up (so they share the commit of the message that brings them); then the whole, with its SHA-256
 * checked, becomes a file that is synced before the pieces go.
 */
export class EvidenceStore {
  readonly #parts: EvidenceParts;
  readonly #assembling = new Map<string, Promise<void>>();
  #cancelRetry: Cancel | null = null;
  #hasErasedLeft = false;

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  /** Finishes what was interrupted, now and, where a disk was full, later. */
  start(): void {
    this.#assembleWhole();
    this.#cancelRetry = this.#parts.clock.every(RETRY_EVERY_MS, () => this.#assembleWhole());
  }

  async close(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    await this.idle();
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await Promise.all(this.#assembling.values());
  }

  /** Inside a commit. Throws WP1009 for a piece that cannot belong to anything. */
  addPiece(sql: Database, address: DeviceAddress, blobId: string, piece: number, content: Buffer): void {
    const source = sourceOf(address);
    const row = this.#row(source, blobId);
    if (row !== undefined && row.state !== 'waiting') return;
    this.#check(sql, source, piece, content, row?.pieces ?? Math.ceil(WHOLE_MAX_BYTES / BLOB_PIECE_BYTES));
    sql
      .prepare(
        'INSERT OR IGNORE INTO evidence_piece (source, blob_id, piece, content, received_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(source, blobId, piece, content, this.#now());
    if (row !== undefined) this.#parts.store.afterCommit(() => this.#assembleIfWhole(row));
  }

  /** Inside a commit: notes what an event, or the answer to a command, says of its evidence. */
  announce(sql: Database, { source, id, data }: Pick<Envelope, 'source' | 'id' | 'data'>): void {
    for (const { blobId, mediaType, bytes, pieces, sha256 } of referencesIn(data)) {
      if (bytes > WHOLE_MAX_BYTES) continue;
      const added = sql
        .prepare(
          `INSERT OR IGNORE INTO evidence (source, blob_id, event_id, media_type, bytes, pieces, sha256, state, announced_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`,
        )
        .run(source, blobId, id, mediaType, bytes, pieces, sha256, this.#now());
      const row = this.#row(source, blobId);
      if (added.changes > 0 && row) this.#parts.store.afterCommit(() => this.#assembleIfWhole(row));
    }
  }

  /** The whole with this id, or null while it is not there. */
  find(blobId: string): EvidenceItem | null {
    const row = this.#parts.store.sql
      .prepare<[string], EvidenceRow>(
        "SELECT * FROM evidence WHERE blob_id = ? AND state = 'complete' ORDER BY completed_at LIMIT 1",
      )
      .get(blobId);
    return row === undefined ? null : this.#itemOf(row);
  }

  /** Erases wholes and forgotten pieces up to these rows, except the wholes in `keep`. Answers how many. */
  async prune({ wholesUpTo, piecesUpTo, keep }: EvidenceCut): Promise<number> {
    const { store } = this.#parts;
    await this.#eraseLeft(wholesUpTo);
    const old = store.sql
      .prepare<[number], EvidenceRow>(
        "SELECT * FROM evidence WHERE rowid <= ? AND state IN ('complete', 'waiting')",
      )
      .all(wholesUpTo)
      .filter(({ blob_id }) => !keep.has(blob_id));
    let erased = 0;
    for (const row of old) if (await this.#erase(row)) erased += 1;
    await store.commit((sql) =>
      sql
        .prepare(
          `DELETE FROM evidence_piece WHERE rowid <= ? AND (source, blob_id) NOT IN
           (SELECT source, blob_id FROM evidence WHERE state = 'waiting')`,
        )
        .run(piecesUpTo),
    );
    return erased;
  }

  /** Forgets that there was evidence, where it is erased or was damaged. Answers how many. */
  forget(upToRow: number): Promise<number> {
    return this.#parts.store.commit(
      (sql) =>
        sql.prepare("DELETE FROM evidence WHERE rowid <= ? AND state IN ('erased', 'damaged')").run(upToRow)
          .changes,
    );
  }

  /**
   * The row first: whoever asks to keep it comes before that, and is heard, or after it, and is told that it is gone.
   * False where it is on hold meanwhile.
   */
  async #erase(row: EvidenceRow): Promise<boolean> {
    const isOnHold = await this.#parts.store.commit((sql) => {
      if (sql.prepare('SELECT 1 FROM evidence_hold WHERE blob_id = ?').get(row.blob_id)) return true;
      this.#putState(sql, row, 'erased');
      return false;
    });
    if (!isOnHold) await rm(this.#itemOf(row).path, { force: true });
    return !isOnHold;
  }

  /** Files that a crash has left behind their erased rows. Once a run. */
  async #eraseLeft(upToRow: number): Promise<void> {
    if (this.#hasErasedLeft) return;
    this.#hasErasedLeft = true;
    const rows = this.#parts.store.sql
      .prepare<[number], EvidenceRow>("SELECT * FROM evidence WHERE rowid <= ? AND state = 'erased'")
      .all(upToRow);
    for (const row of rows) await rm(this.#itemOf(row).path, { force: true });
  }

  #check(sql: Database, source: string, piece: number, content: Buffer, pieces: number): void {
    if (content.length === 0 || content.length > BLOB_PIECE_BYTES || piece >= pieces) {
      throw new WatchpostError('WP1009', { detail: `piece ${piece} with ${content.length} bytes` });
    }
    const waiting = sql
      .prepare<[string], number>('SELECT total(length(content)) FROM evidence_piece WHERE source = ?')
      .pluck()
      .get(source);
    if ((waiting ?? 0) + content.length > WAITING_MAX_BYTES) {
      throw new WatchpostError('WP1009', { detail: 'too much is waiting for its event' });
    }
  }

  #row(source: string, blobId: string): EvidenceRow | undefined {
    return this.#parts.store.sql
      .prepare<[string, string], EvidenceRow>('SELECT * FROM evidence WHERE source = ? AND blob_id = ?')
      .get(source, blobId);
  }

  #assembleWhole(): void {
    const waiting = this.#parts.store.sql
      .prepare<[], EvidenceRow>("SELECT * FROM evidence WHERE state = 'waiting'")
      .all();
    for (const row of waiting) this.#assembleIfWhole(row);
  }

  #assembleIfWhole(row: EvidenceRow): void {
    const key = `${row.source} ${row.blob_id}`;
    if (this.#assembling.has(key) || !this.#isWhole(row)) return;
    const { log } = this.#parts;
    const work = this.#assemble(row)
      .catch((error) => log.error({ blobId: row.blob_id, error: String(error) }, 'evidence.failed'))
      .finally(() => this.#assembling.delete(key));
    this.#assembling.set(key, work);
  }

  #isWhole({ source, blob_id, pieces }: EvidenceRow): boolean {
    const there = this.#parts.store.sql
      .prepare<[string, string, number], number>(
        'SELECT count(*) FROM evidence_piece WHERE source = ? AND blob_id = ? AND piece < ?',
      )
      .pluck()
      .get(source, blob_id, pieces);
    return there === pieces;
  }

  async #assemble(row: EvidenceRow): Promise<void> {
    const content = Buffer.concat(
      this.#parts.store.sql
        .prepare<[string, string], Buffer>(
          'SELECT content FROM evidence_piece WHERE source = ? AND blob_id = ? ORDER BY piece',
        )
        .pluck()
        .all(row.source, row.blob_id),
    );
    const sha256 = createHash('sha256').update(content).digest('hex');
    if (content.length !== row.bytes || sha256 !== row.sha256) {
      this.#parts.log.warn({ source: row.source, blobId: row.blob_id, code: 'WP1009' }, 'evidence.damaged');
      return this.#setState(row, 'damaged');
    }
    const item = this.#itemOf({ ...row, completed_at: this.#now() });
    await writeSynced(item.path, content);
    await this.#setState(row, 'complete');
    this.#parts.onComplete(item);
  }

  #setState(row: EvidenceRow, state: EvidenceRow['state']): Promise<void> {
    return this.#parts.store.commit((sql) => this.#putState(sql, row, state));
  }

  #putState(sql: Database, { source, blob_id }: EvidenceRow, state: EvidenceRow['state']): void {
    sql
      .prepare(
        'UPDATE evidence SET state = ?, completed_at = coalesce(completed_at, ?) WHERE source = ? AND blob_id = ?',
      )
      .run(state, this.#now(), source, blob_id);
    sql.prepare('DELETE FROM evidence_piece WHERE source = ? AND blob_id = ?').run(source, blob_id);
  }

  #itemOf(row: EvidenceRow): EvidenceItem {
    const { source, blob_id, event_id, media_type, bytes, sha256, completed_at } = row;
    return {
      source,
      blobId: blob_id,
      eventId: event_id,
      mediaType: media_type,
      bytes,
      sha256,
      completedAt: completed_at ?? '',
      path: join(this.#parts.folder, ...source.split('/').slice(2), blob_id),
    };
  }

  #now(): string {
    return new Date(this.#parts.clock.wallMs()).toISOString();
  }
}

/** Of one event at most so many, so deep and among so many values; what is beyond is not looked at. */
const MAX_REFERENCES = 16;
const MAX_DEPTH = 3;
const MAX_VALUES = 200;

/** The references in an event's data: at its top, in lists (a filmstrip) and in what these hold. */
function referencesIn(data: object): BlobReference[] {
  const found: BlobReference[] = [];
  const queue: { value: unknown; depth: number }[] = [{ value: data, depth: 0 }];
  for (let at = 0; at < queue.length && found.length < MAX_REFERENCES; at++) {
    const { value, depth } = queue[at] ?? { value: null, depth: 0 };
    if (typeof value !== 'object' || value === null) continue;
    const reference = depth === 0 ? null : BlobReference.safeParse(value);
    if (reference?.success) found.push(reference.data);
    else if (depth < MAX_DEPTH) {
      for (const inner of Object.values(value).slice(0, Math.max(0, MAX_VALUES - queue.length))) {
        queue.push({ value: inner, depth: depth + 1 });
      }
    }
  }
  return found;
}

async function writeSynced(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.part`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}
