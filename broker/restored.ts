import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';

/** The first start after `watchpost broker restore`: that the past was replaced is a row of the audit chain. */
export async function noteRestored(db: GroupCommit, audit: AuditLog): Promise<void> {
  const told = db.sql.prepare<[], string>("SELECT value FROM meta WHERE key = 'restored'").pluck().get();
  if (told === undefined) return;
  await db.commit((sql) => {
    const detail: Record<string, unknown> = JSON.parse(told);
    audit.append(sql, { who: 'site', action: 'backup.restored', subject: 'ledger', detail });
    sql.prepare("DELETE FROM meta WHERE key = 'restored'").run();
  });
}
