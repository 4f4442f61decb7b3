import type { Statement } from 'better-sqlite3';
import type { Memory, MemorySync } from '#agent/ports/memory.ts';
import type { Log } from '#contract/log.ts';
import type { CommandReply } from '#contract/messages.ts';
import { type Sql, unsynced } from './database-file.ts';

/** A command older than its newest 500 successors has long expired. */
const KEPT_REPLIES = 500;

export interface FactsOptions {
  readonly sql: Sql;
  readonly log: Log;
  /** Gives back the bytes set aside; false when there were none. */
  readonly makeRoom: () => boolean;
}

/** Facts beside the alarms, synced like them. What the disk does not take is kept until the next restart. */
export class Facts implements Memory {
  readonly #options: FactsOptions;
  #put: Statement<[string, string]> | null = null;
  readonly #unstored = new Map<string, string>();
  readonly #unstoredReplies = new Map<string, string>();

  constructor(options: FactsOptions) {
    this.#options = options;
  }

  get(key: string): unknown {
    const held = this.#unstored.get(key);
    if (held !== undefined) return JSON.parse(held);
    const row = this.#options.sql
      .prepare<[string], { value: string }>('SELECT value FROM facts WHERE key = ?')
      .get(key);
    return row === undefined ? undefined : JSON.parse(row.value);
  }

  set(key: string, value: unknown, sync: MemorySync = 'now'): void {
    const { sql } = this.#options;
    const text = JSON.stringify(value);
    this.#put ??= sql.prepare('INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)');
    const put = () => this.#put?.run(key, text);
    const isStored = this.#write(key, sync === 'now' ? put : () => unsynced(sql, put));
    if (isStored) this.#unstored.delete(key);
    else this.#unstored.set(key, text);
  }

  replyTo(commandId: string): CommandReply | null {
    const row = this.#options.sql
      .prepare<[string], { body: string }>('SELECT body FROM replies WHERE id = ?')
      .get(commandId);
    const text = row?.body ?? this.#unstoredReplies.get(commandId);
    return text === undefined ? null : JSON.parse(text);
  }

  rememberReply(reply: CommandReply): void {
    const text = JSON.stringify(reply);
    const isStored = this.#write(reply.id, () => this.#putReply(reply.id, text));
    if (!isStored) this.#unstoredReplies.set(reply.id, text);
  }

  #putReply(id: string, text: string): void {
    const { sql } = this.#options;
    sql.transaction(() => {
      sql.prepare('INSERT OR IGNORE INTO replies (id, body) VALUES (?, ?)').run(id, text);
      sql.prepare('DELETE FROM replies WHERE ord <= (SELECT max(ord) FROM replies) - ?').run(KEPT_REPLIES);
    })();
  }

  #write(name: string, work: () => void): boolean {
    const { log, makeRoom } = this.#options;
    try {
      work();
      return true;
    } catch (error) {
      if (makeRoom()) return this.#write(name, work);
      log.error({ code: 'WP2014', name, err: error }, 'memory.not-stored');
      return false;
    }
  }
}
