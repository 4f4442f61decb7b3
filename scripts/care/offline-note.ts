import Sqlite from 'better-sqlite3';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { systemClock } from '#contract/clock.ts';
import { databaseFile } from './site-files.ts';

/** Into the audit chain of a site whose broker does not run; the caller holds its lock. */
export function noteOffline(dataDir: string, detail: object): void {
  const sql = new Sqlite(databaseFile(dataDir));
  try {
    const entry = { who: 'site', action: 'backup.made', subject: 'ledger', detail: { ...detail } };
    sql.transaction(() => new AuditLog(systemClock).append(sql, entry))();
  } finally {
    sql.close();
  }
}
