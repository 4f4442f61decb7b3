import Database from 'better-sqlite3';
import type { Log } from '#contract/log.ts';
import type { AlarmStore } from './alarm-store.ts';
import type { Sql } from './database-file.ts';

interface Row {
  readonly id: string;
  readonly body: string;
}

/** Takes over what can still be read of the facts kept beside the alarms: the boot counter, the open press. */
export function salvageFacts(damaged: string, into: Sql, log: Log): void {
  let sql: Sql | null = null;
  try {
    sql = new Database(damaged, { readonly: true });
    const put = into.prepare('INSERT OR IGNORE INTO facts (key, value) VALUES (?, ?)');
    const facts = sql.prepare<[], { key: string; value: string }>('SELECT key, value FROM facts').iterate();
    for (const { key, value } of facts) put.run(key, value);
  } catch (error) {
    log.warn({ code: 'WP2005', file: damaged, err: error }, 'journal.salvage-ended');
  } finally {
    sql?.close();
  }
}

/** Takes over what can still be read of the waiting alarms of a damaged journal, from both of its ends. */
export function salvageAlarms(damaged: string, alarms: AlarmStore, log: Log): number {
  const found = new Map<string, string>();
  for (const order of ['ASC', 'DESC'] as const) readUntilDamage(damaged, order, found, log);
  let saved = 0;
  for (const [id, body] of found) saved += adoptReadable(alarms, id, body, log);
  return saved;
}

function readUntilDamage(file: string, order: 'ASC' | 'DESC', found: Map<string, string>, log: Log): void {
  let sql: Sql | null = null;
  try {
    sql = new Database(file, { readonly: true });
    const rows = sql
      .prepare<[], Row>(`SELECT id, body FROM records NOT INDEXED WHERE pending = 1 ORDER BY ord ${order}`)
      .iterate();
    for (const { id, body } of rows) found.set(id, body);
  } catch (error) {
    log.warn({ code: 'WP2005', file, order, found: found.size, err: error }, 'journal.salvage-ended');
  } finally {
    sql?.close();
  }
}

function adoptReadable(alarms: AlarmStore, id: string, body: string, log: Log): number {
  try {
    return alarms.adopt(id, body) ? 1 : 0;
  } catch (error) {
    log.warn({ code: 'WP2005', id, err: error }, 'journal.salvage-skipped');
    return 0;
  }
}
