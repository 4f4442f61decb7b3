import { createHash } from 'node:crypto';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { TALK_BLOB_PREFIX, TALK_EXPIRES_S, TALK_MAX_BYTES, TALK_PIECE_BYTES } from '#contract/talk.ts';
import type { DownPiece } from '../../ports/down-content.ts';

/** What is asked for: its id, length and digest. */
export interface TalkReference {
  readonly blob: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

interface Arriving {
  readonly blob: string;
  readonly pieces: Map<number, Buffer>;
  bytes: number;
  readonly forget: Cancel;
}

/**
 * Holds what a dispatcher says while it arrives: in memory, one message at a time, no more than such a message has, and
 * not for longer than it may still be spoken.
 */
export class TalkBox {
  readonly #clock: Clock;
  #arriving: Arriving | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Other content than spoken messages is passed over. Never throws: the link calls it. */
  take({ blobId, piece, bytes }: DownPiece): void {
    if (!blobId.startsWith(TALK_BLOB_PREFIX)) return;
    const arriving = this.#arriving?.blob === blobId ? this.#arriving : this.#begin(blobId);
    // A piece may come twice: the broker sends again what was not confirmed.
    if (arriving.pieces.has(piece)) return;
    arriving.bytes += bytes.length;
    const isPiece = bytes.length > 0 && bytes.length <= TALK_PIECE_BYTES;
    if (!isPiece || arriving.bytes > TALK_MAX_BYTES) this.clear();
    else arriving.pieces.set(piece, bytes);
  }

  /** Hands it out and forgets it. Throws WP7102 when it is not here, or not what was sent. */
  claim({ blob, bytes, sha256 }: TalkReference): Buffer {
    const arriving = this.#arriving?.blob === blob ? this.#arriving : null;
    this.clear();
    if (arriving === null) throw new WatchpostError('WP7102', { detail: `${blob}: nothing has come` });
    const sound = joined(arriving.pieces);
    if (sound === null || sound.length !== bytes)
      throw new WatchpostError('WP7102', { detail: `${blob}: ${arriving.bytes} of ${bytes} bytes` });
    if (createHash('sha256').update(sound).digest('hex') !== sha256)
      throw new WatchpostError('WP7102', { detail: `${blob}: not what was sent` });
    return sound;
  }

  clear(): void {
    this.#arriving?.forget();
    this.#arriving = null;
  }

  #begin(blob: string): Arriving {
    this.clear();
    const forget = this.#clock.after(TALK_EXPIRES_S * 1000, () => this.clear());
    const arriving = { blob, pieces: new Map(), bytes: 0, forget };
    this.#arriving = arriving;
    return arriving;
  }
}

/** In their order; null when one is missing. */
function joined(pieces: ReadonlyMap<number, Buffer>): Buffer | null {
  const all: Buffer[] = [];
  for (let n = 0; n < pieces.size; n += 1) {
    const piece = pieces.get(n);
    if (piece === undefined) return null;
    all.push(piece);
  }
  return Buffer.concat(all);
}
