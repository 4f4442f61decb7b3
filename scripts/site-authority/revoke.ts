import type { Clock } from '#contract/clock.ts';
import { clientIdOf } from '#contract/names.ts';
import type { RevocationReason } from './certificates.ts';
import { publishList } from './publish.ts';
import { Register } from './register.ts';
import { readSiteSettings, siteFile } from './site-files.ts';

export interface Taking {
  readonly siteDir: string;
  readonly device: string;
  readonly reason: RevocationReason;
  readonly clock: Clock;
}

/**
 * Takes back all that a device could come in with. The broker reads the list within ten seconds, lets it in no more and
 * ends its connection. `revoked` is 0 where nothing was good any more; the list is published all the same.
 * Rejects with WP4402, WP4409 or WP4412.
 */
export async function revokeDevice({ siteDir, device, reason, clock }: Taking): Promise<{
  readonly name: string;
  readonly revoked: number;
  /** Certificates on the list now. */
  readonly listed: number;
}> {
  const name = clientIdOf({ site: readSiteSettings(siteDir).site, device });
  const register = new Register(siteFile(siteDir, 'register'));
  register.open();
  try {
    const nowMs = Math.floor(clock.wallMs());
    const revoked = register.revoke(name, { nowMs, reason });
    return { name, revoked, listed: await publishList(siteDir, register, nowMs) };
  } finally {
    register.close();
  }
}
