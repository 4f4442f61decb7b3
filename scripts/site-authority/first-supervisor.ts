import { join } from 'node:path';
import { ApiTokens } from '#broker/auth/api-tokens.ts';
import { LastUse } from '#broker/auth/last-use.ts';
import { People } from '#broker/auth/people.ts';
import { PERMISSIONS, type Person } from '#broker/auth/roles.ts';
import { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import { SITE_DATABASE, SiteFolder } from '#broker/persistence/site-folder.ts';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import type { Clock } from '#contract/clock.ts';
import { quietLog } from './quiet-log.ts';

/** Who names the first: as later the token of the site's own machine. */
const BY: Person = { name: 'admin', role: 'admin' };
export const FIRST_SUPERVISOR = 'supervisor';

/**
 * Makes the site's database with its first person, who comes by token alone until they have a password. Answers the
 * token, which is kept nowhere. Rejects with WP5007 or WP5008.
 */
export async function firstSupervisor(
  dataDir: string,
  clock: Clock,
): Promise<{ readonly supervisorToken: string; readonly tokenExpiresAt: string }> {
  const folder = new SiteFolder(dataDir);
  folder.lock();
  const db = new SiteDatabase({ path: join(dataDir, SITE_DATABASE), clock, log: quietLog });
  try {
    db.start();
    const base = { db, clock, log: quietLog, audit: new AuditLog(clock) };
    const people = new People({ ...base, configured: [] });
    await people.add({ name: FIRST_SUPERVISOR, role: 'supervisor', password: null }, BY);
    const tokens = new ApiTokens({ ...base, people, lastUse: new LastUse(base) });
    const wanted = { person: FIRST_SUPERVISOR, label: 'site init', scopes: [...PERMISSIONS] };
    const { token, secret } = await tokens.create(wanted, BY);
    return { supervisorToken: secret, tokenExpiresAt: token.expiresAt };
  } finally {
    await db.close();
    folder.close();
  }
}
