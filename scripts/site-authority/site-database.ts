import { join } from 'node:path';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { SITE_DATABASE } from '#broker/persistence/site-folder.ts';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

export interface OpenSite {
  readonly db: SiteDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditLog;
}

/** Opens, or makes, the database of a site whose broker does not run, for one piece of work; the caller holds its lock. */
export async function withSiteDatabase<T>(
  dataDir: string,
  clock: Clock,
  work: (site: OpenSite) => Promise<T>,
): Promise<T> {
  const db = new SiteDatabase({ path: join(dataDir, SITE_DATABASE), clock, log: quietLog });
  try {
    db.start();
    return await work({ db, clock, log: quietLog, audit: new AuditLog(clock) });
  } finally {
    await db.close();
  }
}

/** What goes well is not told, what does not is a line on standard error. */
const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, event) => void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
  error: (fields, event) => void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
  child: () => quietLog,
};
