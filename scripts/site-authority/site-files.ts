import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import { Name } from '#contract/names.ts';
import { type Authority, readAuthority } from './certificates.ts';

/** What stands in a site's folder that `site init` has made (docs/provisioning.md). */
export const SITE_FILES = {
  settings: 'site.json',
  /** The top authority; its key is encrypted. */
  rootKey: 'authority/root.key.sealed',
  rootCertificate: 'authority/root.crt',
  issuingKey: 'authority/issuing.key',
  issuingCertificate: 'authority/issuing.crt',
  /** Of the root: empty unless the issuing authority was taken back. */
  rootList: 'authority/root.crl',
  register: 'authority/register.db',
  /** All roots of the site, the newest last: who may sign bundles. */
  bundleRoot: 'authority/bundle-root.json',
  /** Exchanges the keys that sign; encrypted. */
  bundleRootKey: 'authority/bundle-root.key.sealed',
  /** Signs bundles; absent where those who sign keep their keys elsewhere. */
  signingKey: 'authority/signing.key',
  bundles: 'bundles',
  /** The broker's copy: it takes no bundle that devices would refuse. */
  brokerBundleRoot: 'broker/bundle-root.json',
  commissioningKey: 'broker/commissioning.key',
  commissioningCertificate: 'broker/commissioning.crt',
  broker: 'broker',
  tls: 'broker/tls',
} as const;

export const SiteSettings = z.strictObject({
  format: z.literal(1),
  site: Name,
  /** Names and addresses by which devices call the broker. */
  hosts: z.array(z.string().min(1).max(253)).min(1).max(32),
  madeAt: z.iso.datetime(),
});
export type SiteSettings = z.infer<typeof SiteSettings>;

export const siteFile = (dir: string, file: keyof typeof SITE_FILES): string => join(dir, SITE_FILES[file]);

/** Throws WP4402. */
export function readSiteSettings(dir: string): SiteSettings {
  try {
    return SiteSettings.parse(JSON.parse(readFileSync(siteFile(dir, 'settings'), 'utf8')));
  } catch (cause) {
    throw new WatchpostError('WP4402', { detail: siteFile(dir, 'settings'), cause });
  }
}

/** Who signs for servers and devices. Rejects with WP4402, or WP4412 where others may read its key. */
export async function readIssuing(dir: string): Promise<Authority> {
  const key = readSecret(siteFile(dir, 'issuingKey'));
  return readAuthority({ key, certificate: read(siteFile(dir, 'issuingCertificate')) });
}

/** Throws WP4402, or WP4412 where others may read it. */
export function readSecret(file: string): string {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) !== 0) throw new WatchpostError('WP4412', { detail: file });
  return read(file);
}

/** What devices trust: the top of the site, PEM. Throws WP4402. */
export const readRoot = (dir: string): string => read(siteFile(dir, 'rootCertificate'));

/** The list of the root, PEM. Throws WP4402. */
export const readRootList = (dir: string): string => read(siteFile(dir, 'rootList'));

export const isSite = (dir: string): boolean => existsSync(siteFile(dir, 'settings'));

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WatchpostError('WP4402', { detail: file, cause });
  }
}
