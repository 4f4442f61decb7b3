import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTlsFiles } from '#broker/server/tls/tls-files.ts';
import type { Clock } from '#contract/clock.ts';
import { DAY_MS } from './dates.ts';
import { issueServerFiles } from './make-site.ts';
import { publishList } from './publish.ts';
import { Register } from './register.ts';
import { readSiteSettings, siteFile } from './site-files.ts';

export interface OwnRenewal {
  readonly siteDir: string;
  /** Of the broker's certificate. */
  readonly withinDays: number;
  readonly by: string;
  readonly clock: Clock;
}

/** A list is promised anew well before the day it is late. */
const LIST_WITHIN_DAYS = 90;

/** What of the site itself was renewed, because it ends soon: the broker's certificate, the list of what was taken back. */
export async function renewOwn({ siteDir, withinDays, by, clock }: OwnRenewal): Promise<readonly string[]> {
  const { site, hosts } = readSiteSettings(siteDir);
  const tls = siteFile(siteDir, 'tls');
  const nowMs = Math.floor(clock.wallMs());
  const server = new X509Certificate(readFileSync(join(tls, 'server.crt')));
  const { nextUpdateMs } = readTlsFiles(tls).revoked;
  const register = new Register(siteFile(siteDir, 'register'));
  register.open();
  try {
    const done: string[] = [];
    if (Date.parse(server.validTo) - nowMs <= withinDays * DAY_MS) {
      const toMs = await issueServerFiles({ dir: siteDir, site, register, hosts, by, nowMs });
      done.push(`the broker’s certificate, until ${new Date(toMs).toISOString().slice(0, 10)}`);
    }
    if (nextUpdateMs === null || nextUpdateMs - nowMs <= LIST_WITHIN_DAYS * DAY_MS) {
      await publishList(siteDir, register, nowMs);
      done.push('the list of what was taken back');
    }
    return done;
  } finally {
    register.close();
  }
}
