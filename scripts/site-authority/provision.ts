import type { Clock } from '#contract/clock.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { issueClient } from './certificates.ts';
import { leafValidity } from './dates.ts';
import { FolderHolder, type KeyHolder } from './key-holder.ts';
import { publishList } from './publish.ts';
import { Register } from './register.ts';
import { readIssuing, readRoot, readSiteSettings, type SiteSettings, siteFile } from './site-files.ts';

export interface NewIdentity {
  /** The site's folder. */
  readonly siteDir: string;
  readonly device: string;
  /** The device's folder, or its mounted card; or who else holds its key. */
  readonly to: string | KeyHolder;
  readonly days: number;
  /** What becomes of an identity that the folder, or the name, has already. */
  readonly existing: 'refuse' | 'replace';
  readonly by: string;
  readonly clock: Clock;
}

export interface MadeIdentity {
  readonly site: string;
  readonly hosts: readonly string[];
  /** Hexadecimal digits. */
  readonly serial: string;
  readonly expiresAt: string;
}

/**
 * Refuses what can be refused before anything is written. Rejects with WP4402, WP4406, WP4407, WP4412, WP4413 or WP4417.
 */
export async function checkIdentity({
  siteDir,
  device,
  to,
  days,
  existing,
  clock,
}: NewIdentity): Promise<SiteSettings> {
  const settings = readSiteSettings(siteDir);
  const address = { site: settings.site, device };
  leafValidity(await readIssuing(siteDir), { kind: 'device', days, nowMs: clock.wallMs() });
  await holderOf(to, address).check(existing);
  if (existing === 'replace') return settings;
  const register = new Register(siteFile(siteDir, 'register'));
  register.open();
  try {
    register.requireNone(clientIdOf(address), clock.wallMs());
  } finally {
    register.close();
  }
  return settings;
}

/**
 * Gives a device its identity: a key that is made in its folder and stays there, and a certificate for it. What can be
 * refused is refused before anything is written. The register knows of a certificate before the device has it, so that
 * none is good that cannot be taken back; with `existing: 'replace'` the one before is taken back when the new one is
 * in its place.
 * Rejects with WP4402, WP4405–WP4408, WP4410, WP4412, WP4413 or WP4417.
 */
export async function makeIdentity(wanted: NewIdentity): Promise<MadeIdentity> {
  const { siteDir, device, to } = wanted;
  const { site, hosts } = await checkIdentity(wanted);
  const issuing = await readIssuing(siteDir);
  const holder = holderOf(to, { site, device });
  const register = new Register(siteFile(siteDir, 'register'));
  register.open();
  try {
    const name = clientIdOf({ site, device });
    const issued = await issue(wanted, { name, issuing, holder, register });
    const expiresAt = new Date(issued.toMs).toISOString();
    return { site, hosts, serial: issued.serial, expiresAt };
  } finally {
    register.close();
  }
}

const holderOf = (to: string | KeyHolder, address: DeviceAddress): KeyHolder =>
  typeof to === 'string' ? new FolderHolder(to, address) : to;

interface Parts {
  readonly name: string;
  readonly issuing: Awaited<ReturnType<typeof readIssuing>>;
  readonly holder: KeyHolder;
  readonly register: Register;
}

async function issue(
  { siteDir, days, existing, by, clock }: NewIdentity,
  { name, issuing, holder, register }: Parts,
): Promise<{ serial: string; toMs: number }> {
  const nowMs = Math.floor(clock.wallMs());
  const validity = leafValidity(issuing, { kind: 'device', days, nowMs });
  try {
    const request = await holder.request();
    const { certificate, serial } = await issueClient(issuing, { request, name, validity });
    const others = existing === 'replace' ? 'beside' : 'refuse';
    register.add(
      {
        serial,
        kind: 'device',
        name,
        ...validity,
        issuedMs: nowMs,
        issuedBy: by,
        issuer: issuing.certificate.serialNumber,
      },
      others,
    );
    const files = { serial, certificate, ca: readRoot(siteDir) };
    await holder.install(files);
    // Not before the new one is in its place: a card that fails leaves the device as it was.
    if (register.replaceOthers(name, { serial, nowMs }) > 0) await publishList(siteDir, register, nowMs);
    return { serial, toMs: validity.toMs };
  } catch (error) {
    await holder.abandon();
    throw error;
  }
}
