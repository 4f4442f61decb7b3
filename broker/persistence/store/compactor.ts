import { type Clock, wait } from '#contract/clock.ts';
import type { GroupCommit } from '../ports.ts';

export interface DatabaseSize {
  readonly bytes: number;
  readonly freeBytes: number;
  /** Whether room can be given back while the broker runs (auto_vacuum = INCREMENTAL). */
  readonly shrinks: boolean;
}

export interface CompactorParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  /** Between two steps, so that others have their turn. Milliseconds; 0 in tests that drive time. */
  readonly pauseMs?: number;
}

/** Pages in one commit: at most so many are moved to another place, about a millisecond or two. */
const STEP_PAGES = 64;
const PAUSE_MS = 20;
/** Free pages are the room for what comes next: a tenth of the file, and no less than this, stays. */
const KEPT_FREE_BYTES = 4 * 1024 * 1024;
const KEPT_FREE_SHARE = 0.1;

/** Gives the disk back what the database does not need, in small steps beside its work. */
export class Compactor {
  readonly #parts: CompactorParts;

  constructor(parts: CompactorParts) {
    this.#parts = parts;
  }

  get size(): DatabaseSize {
    const { sql } = this.#parts.db;
    const number = (name: string) => Number(sql.pragma(name, { simple: true }));
    const pageBytes = number('page_size');
    return {
      bytes: number('page_count') * pageBytes,
      freeBytes: number('freelist_count') * pageBytes,
      shrinks: number('auto_vacuum') === 2,
    };
  }

  /** Where more is free than a busy site reuses soon. */
  async tidy(signal?: AbortSignal): Promise<number> {
    const { bytes } = this.size;
    return this.shrink(Math.max(KEPT_FREE_BYTES, bytes * KEPT_FREE_SHARE), signal);
  }

  /** Until at most `keepBytes` are free; answers the bytes given back. Rejects with the signal's reason. */
  async shrink(keepBytes: number, signal?: AbortSignal): Promise<number> {
    const { db, clock, pauseMs = PAUSE_MS } = this.#parts;
    const before = this.size;
    if (!before.shrinks) return 0;
    for (let { freeBytes } = before; freeBytes > keepBytes; ) {
      await db.commit((sql) => sql.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`));
      const left = this.size.freeBytes;
      if (left >= freeBytes) break;
      freeBytes = left;
      if (pauseMs > 0) await wait(clock, pauseMs, signal);
    }
    return before.bytes - this.size.bytes;
  }
}
