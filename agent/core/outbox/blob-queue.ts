import { open } from 'node:fs/promises';
import type { BlobSender } from '#agent/ports/blobs.ts';
import type { Clock } from '#contract/clock.ts';
import type { BlobReference } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { BLOB_PIECE_BYTES } from '#contract/messages.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { upBlobTopic } from '#contract/topics.ts';
import type { Journal } from '../journal/journal.ts';

export interface BlobQueueOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
}

/** One piece, ready for the wire; `sent` notes that the broker has it. */
export interface BlobPiece {
  readonly topic: string;
  readonly payload: Buffer;
  sent(): void;
}

interface Row {
  readonly ord: number;
  readonly id: string;
  readonly file: string;
  readonly pieces: number;
  readonly next: number;
}

/** How many finished blobs are remembered, so that none is queued twice. */
const REMEMBERED = 500;

/** Files on their way to the site, oldest first; how far each has come is in events.db. */
export class BlobQueue implements BlobSender {
  readonly #options: BlobQueueOptions;
  readonly #listeners = new Set<() => void>();

  constructor(options: BlobQueueOptions) {
    this.#options = options;
  }

  send({ blobId, pieces }: BlobReference, file: string): void {
    this.#write((sql) =>
      sql
        .prepare('INSERT OR IGNORE INTO blobs (id, file, pieces, next) VALUES (?, ?, ?, 0)')
        .run(blobId, file, pieces),
    );
    for (const listener of this.#listeners) listener();
  }

  /** Called when there is something to send. */
  onReady(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The next piece, or null when none waits. A blob whose file is gone is given up and reported. */
  async next(address: DeviceAddress): Promise<BlobPiece | null> {
    for (let row = this.#first(); row !== null; row = this.#first()) {
      const payload = await this.#read(row);
      if (payload !== null) return this.#pieceOf(address, row, payload);
      this.#finish(row.ord);
    }
    return null;
  }

  #pieceOf(address: DeviceAddress, { ord, id, next, pieces }: Row, payload: Buffer): BlobPiece {
    const sent = () => {
      if (next + 1 >= pieces) this.#finish(ord);
      else this.#write((sql) => sql.prepare('UPDATE blobs SET next = ? WHERE ord = ?').run(next + 1, ord));
    };
    return { topic: upBlobTopic(address, id, next), payload, sent };
  }

  async #read({ id, file, next }: Row): Promise<Buffer | null> {
    try {
      const handle = await open(file, 'r');
      try {
        const buffer = Buffer.alloc(BLOB_PIECE_BYTES);
        const { bytesRead } = await handle.read(buffer, 0, BLOB_PIECE_BYTES, next * BLOB_PIECE_BYTES);
        if (bytesRead > 0) return buffer.subarray(0, bytesRead);
        this.#reportUnreadable(id, file, 'shorter than its reference says');
      } finally {
        await handle.close();
      }
    } catch (error) {
      this.#reportUnreadable(id, file, error);
    }
    return null;
  }

  #reportUnreadable(blobId: string, file: string, why: unknown): void {
    this.#options.log.warn({ code: 'WP2012', blobId, file, err: why }, 'blob.unreadable');
  }

  #first(): Row | null {
    const { eventSql } = this.#options.journal.parts;
    const row = eventSql
      .prepare<[], Row>(
        'SELECT ord, id, file, pieces, next FROM blobs WHERE doneAtMs IS NULL ORDER BY ord LIMIT 1',
      )
      .get();
    return row ?? null;
  }

  #finish(ord: number): void {
    const nowMs = Math.floor(this.#options.clock.wallMs());
    this.#write((sql) => {
      sql.prepare('UPDATE blobs SET doneAtMs = ? WHERE ord = ?').run(nowMs, ord);
      sql.prepare('DELETE FROM blobs WHERE doneAtMs IS NOT NULL AND ord <= ?').run(ord - REMEMBERED);
    });
  }

  /** With the events: what waits is committed with it. */
  #write(work: (sql: Journal['parts']['eventSql']) => void): void {
    const { events, eventSql } = this.#options.journal.parts;
    events.defer(() => work(eventSql));
    events.flush();
  }
}
