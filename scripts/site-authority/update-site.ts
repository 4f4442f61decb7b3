import { existsSync, readFileSync } from 'node:fs';
import type { Clock } from '#contract/clock.ts';
import { makeBundleKeys } from './bundle-keys.ts';
import { makeCommissioningKey } from './commissioning-key.ts';
import { Register } from './register.ts';
import { openKey } from './sealed-key.ts';
import { readSiteSettings, siteFile } from './site-files.ts';

export interface SiteUpdate {
  readonly dir: string;
  /** Of the top key: the key of the bundles' root is sealed by the same. */
  readonly passphrase: string;
  readonly by: string;
  readonly clock: Clock;
}

/**
 * Gives a site that an earlier version has made what it lacks; answers what that was. What is there stays. Rejects with
 * WP4402, or WP4404 where it is another passphrase.
 */
export async function updateSite({ dir, passphrase, by, clock }: SiteUpdate): Promise<readonly string[]> {
  const { site } = readSiteSettings(dir);
  await openKey(readFileSync(siteFile(dir, 'rootKey'), 'utf8'), passphrase);
  const nowMs = Math.floor(clock.wallMs());
  const made: string[] = [];
  if (!existsSync(siteFile(dir, 'bundleRoot'))) {
    await makeBundleKeys({ dir, passphrase, signers: [], threshold: 1, nowMs });
    made.push('keys of bundles');
  }
  if (existsSync(siteFile(dir, 'commissioningCertificate'))) return made;
  const register = new Register(siteFile(dir, 'register'));
  register.open();
  try {
    await makeCommissioningKey({ dir, site, register, by, nowMs });
  } finally {
    register.close();
  }
  return [...made, 'the key of certificates of acceptance'];
}
