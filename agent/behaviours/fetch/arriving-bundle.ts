import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import { BUNDLE_PIECE_BYTES, BUNDLE_STRETCH_PIECES, bundlePieces } from '#contract/fetch.ts';
import type { CommandArgs } from '#contract/messages.ts';
import type { DownPiece } from '../../ports/down-content.ts';

export type BundleReference = CommandArgs<'fetch-bundle'>;

/** In memory at most, while the card is slow; what does not fit is asked for again. */
const MOST_WAITING = 2 * BUNDLE_STRETCH_PIECES;

/**
 * One bundle while it arrives: `BLOB.part`, pieces in their order and without gaps, so that its length says how far it
 * is. Whole and right it becomes `BLOB.wpb`.
 */
export class ArrivingBundle {
  readonly reference: BundleReference;
  readonly #part: string;
  readonly #whole: string;
  #file: FileHandle | null = null;
  /** The piece wanted next. */
  #next = 0;
  #waiting = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  constructor(folder: string, reference: BundleReference) {
    this.reference = reference;
    this.#part = join(folder, `${reference.blob}.part`);
    this.#whole = join(folder, `${reference.blob}.wpb`);
  }

  /** Goes on where it was left. Rejects with WP4653. */
  async open(): Promise<void> {
    if (await this.#isThere()) {
      this.#next = this.#pieces;
      return;
    }
    try {
      // Not 'a': what is written at a place stays there.
      this.#file = await open(this.#part, 'r+').catch(() => open(this.#part, 'wx+', 0o600));
      const { size } = await this.#file.stat();
      this.#next = size === this.reference.bytes ? this.#pieces : Math.floor(size / BUNDLE_PIECE_BYTES);
      if (this.#next > this.#pieces) await this.#begin();
    } catch (cause) {
      throw new WatchpostError('WP4653', { detail: this.#part, cause });
    }
  }

  get missingBytes(): number {
    return Math.max(0, this.reference.bytes - this.#next * BUNDLE_PIECE_BYTES);
  }

  /** Passes over what is not the next piece. Never throws and never waits. */
  take({ piece, bytes }: DownPiece): void {
    if (this.#file === null || piece !== this.#next || piece >= this.#pieces) return;
    if (bytes.length !== this.#lengthOf(piece) || this.#waiting >= MOST_WAITING || this.#failure !== null)
      return;
    this.#next += 1;
    this.#waiting += 1;
    this.#writing = this.#writing.then(() => this.#write(bytes, piece * BUNDLE_PIECE_BYTES));
  }

  /**
   * What has come is on the disk; answers the piece wanted next, as many as there are when it is whole.
   * Rejects with WP4652 and WP4653.
   */
  async settle(): Promise<number> {
    await this.#writing;
    if (this.#failure !== null) {
      const detail = this.#failure instanceof Error ? this.#failure.message : String(this.#failure);
      throw new WatchpostError('WP4653', { detail, cause: this.#failure });
    }
    await this.#file?.datasync();
    if (this.#file !== null && this.#next >= this.#pieces) await this.#conclude();
    return this.#next;
  }

  /** Keeps what has come. Idempotent. */
  async close(): Promise<void> {
    const file = this.#file;
    await this.#writing;
    this.#file = null;
    await file?.close();
  }

  get #pieces(): number {
    return bundlePieces(this.reference.bytes);
  }

  #lengthOf(piece: number): number {
    return Math.min(BUNDLE_PIECE_BYTES, this.reference.bytes - piece * BUNDLE_PIECE_BYTES);
  }

  async #write(bytes: Buffer, at: number): Promise<void> {
    this.#waiting -= 1;
    if (this.#failure !== null) return;
    try {
      await this.#file?.write(bytes, 0, bytes.length, at);
    } catch (cause) {
      this.#failure = cause;
    }
  }

  async #conclude(): Promise<void> {
    if ((await hashOf(this.#part)) !== this.reference.sha256) {
      await this.#begin();
      throw new WatchpostError('WP4652', { detail: this.reference.blob });
    }
    await this.close();
    await rename(this.#part, this.#whole);
    await syncFolder(dirname(this.#whole));
  }

  async #begin(): Promise<void> {
    await this.#file?.truncate(0);
    this.#next = 0;
  }

  async #isThere(): Promise<boolean> {
    const size = await stat(this.#whole).then(
      (found) => found.size,
      () => null,
    );
    if (size === this.reference.bytes && (await hashOf(this.#whole)) === this.reference.sha256) return true;
    if (size !== null) await rm(this.#whole, { force: true });
    return false;
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest('hex');
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
