import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Signer } from '#broker/commissioning/signer.ts';
import { WatchpostError } from '#contract/errors.ts';
import { Register } from '../site-authority/register.ts';
import { isSite, readRoot, siteFile } from '../site-authority/site-files.ts';
import type { Trust } from './verify.ts';

/** Whom a certificate is believed from. Throws WP5024 when nobody is named. */
export function trustOf({
  site,
  ca,
  key,
}: {
  readonly site?: string | undefined;
  readonly ca?: string | undefined;
  readonly key?: string | undefined;
}): Trust {
  if (site !== undefined && isSite(site)) return { ca: readRoot(site), key: null, revoked: revokedAt(site) };
  if (site !== undefined) {
    // A site without an authority vouches with its own key for what it has signed.
    const data = existsSync(join(site, 'broker')) ? join(site, 'broker') : site;
    return { ca: null, key: new Signer(data).fingerprint(), revoked: new Set() };
  }
  if (ca !== undefined) return { ca: readCa(ca), key: null, revoked: new Set() };
  if (key !== undefined) return { ca: null, key, revoked: new Set() };
  throw new WatchpostError('WP5024', { detail: 'say whom to believe: --site, --ca or --key' });
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WatchpostError('WP4519', { detail: file, cause });
  }
}

/** What the site has taken back, of what it has issued. */
function revokedAt(site: string): ReadonlySet<string> {
  const register = new Register(siteFile(site, 'register'));
  register.open();
  try {
    const revoked = register.list().filter(({ revokedMs }) => revokedMs !== null);
    return new Set(revoked.map(({ serial }) => serial.toLowerCase().replace(/^0+/, '')));
  } finally {
    register.close();
  }
}
