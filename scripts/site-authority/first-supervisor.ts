import { ApiTokens } from '#broker/auth/api-tokens.ts';
import { LastUse } from '#broker/auth/last-use.ts';
import { People } from '#broker/auth/people.ts';
import { PERMISSIONS, type Person } from '#broker/auth/roles.ts';
import { SiteFolder } from '#broker/persistence/site-folder.ts';
import type { Clock } from '#contract/clock.ts';
import { type OpenSite, withSiteDatabase } from './site-database.ts';

/** Who names the first: as later the token of the site's own machine. */
const BY: Person = { name: 'admin', role: 'admin' };
export const FIRST_SUPERVISOR = 'supervisor';

export interface FirstToken {
  readonly supervisorToken: string;
  readonly tokenExpiresAt: string;
}

/**
 * Makes the site's database with its first person, who comes by token alone until they have a password. Answers the
 * token, which is kept nowhere. Rejects with WP5007 or WP5008.
 */
export async function firstSupervisor(dataDir: string, clock: Clock): Promise<FirstToken> {
  const folder = new SiteFolder(dataDir);
  folder.lock();
  try {
    return await withSiteDatabase(dataDir, clock, nameFirst);
  } finally {
    folder.close();
  }
}

async function nameFirst(site: OpenSite): Promise<FirstToken> {
  const people = new People({ ...site, configured: [] });
  await people.add({ name: FIRST_SUPERVISOR, role: 'supervisor', password: null }, BY);
  const tokens = new ApiTokens({ ...site, people, lastUse: new LastUse(site) });
  const wanted = { person: FIRST_SUPERVISOR, label: 'site init', scopes: [...PERMISSIONS] };
  const { token, secret } = await tokens.create(wanted, BY);
  return { supervisorToken: secret, tokenExpiresAt: token.expiresAt };
}
