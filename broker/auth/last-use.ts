import type { Database } from 'better-sqlite3';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Cancel, Clock, WallMs } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

export interface LastUseParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
}

/** A crash forgets at most so much of when something was used. */
const NOTE_EVERY_MS = 60_000;

const NOTE = {
  session: 'UPDATE session SET used_ms = max(used_ms, ?) WHERE hash = ?',
  api_token: 'UPDATE api_token SET used_ms = max(coalesce(used_ms, 0), ?) WHERE hash = ?',
} as const;
type Table = keyof typeof NOTE;

/** When sessions and tokens were used last: at once in memory, once a minute on disk, so that no request waits. */
export class LastUse {
  readonly #parts: LastUseParts;
  readonly #used: Readonly<Record<Table, Map<string, WallMs>>> = { session: new Map(), api_token: new Map() };
  #cancel: Cancel | null = null;

  constructor(parts: LastUseParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancel ??= this.#parts.clock.every(NOTE_EVERY_MS, () => void this.flush());
  }

  /** Notes what is not noted yet. Idempotent. */
  async close(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    await this.flush();
  }

  used(table: Table, hash: string): void {
    this.#used[table].set(hash, this.#parts.clock.wallMs());
  }

  /** Milliseconds of the wall clock, or null when it was not used since it was noted last. */
  of(table: Table, hash: string): WallMs | null {
    return this.#used[table].get(hash) ?? null;
  }

  /** A full disk keeps nobody out: it is tried again a minute later. */
  async flush(): Promise<void> {
    const { db, log } = this.#parts;
    const { session, api_token } = this.#used;
    if (session.size + api_token.size === 0) return;
    const noted = { session: [...session], api_token: [...api_token] };
    try {
      await db.commit((sql) => {
        write(sql, 'session', noted.session);
        write(sql, 'api_token', noted.api_token);
      });
      forget(session, noted.session);
      forget(api_token, noted.api_token);
    } catch (error) {
      log.warn({ error: String(error) }, 'access.last-use-not-noted');
    }
  }
}

function write(sql: Database, table: Table, noted: readonly (readonly [string, WallMs])[]): void {
  const note = sql.prepare<[number, string]>(NOTE[table]);
  for (const [hash, usedMs] of noted) note.run(Math.floor(usedMs), hash);
}

/** What was used again meanwhile stays. */
function forget(used: Map<string, WallMs>, noted: readonly (readonly [string, WallMs])[]): void {
  for (const [hash, usedMs] of noted) if (used.get(hash) === usedMs) used.delete(hash);
}
