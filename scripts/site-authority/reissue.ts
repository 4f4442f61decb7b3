import { readFileSync } from 'node:fs';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { forgetFormerKeys, formerAuthorities, serialOf, succeed } from './authorities.ts';
import { type Authority, listRevoked, makeIssuing, readAuthority } from './certificates.ts';
import { LIFE_DAYS, listValidity, requireClock, siteValidity } from './dates.ts';
import { PUBLIC_MODE, replaceFile } from './durable-file.ts';
import { issueServerFiles } from './make-site.ts';
import { publishList } from './publish.ts';
import { Register } from './register.ts';
import { openKey } from './sealed-key.ts';
import { readIssuing, readRoot, readSiteSettings, siteFile } from './site-files.ts';

export interface TopWork {
  readonly dir: string;
  /** Of the top key. */
  readonly passphrase: string;
  readonly by: string;
  readonly clock: Clock;
}

export interface Reissued {
  readonly serial: string;
  readonly expiresAt: string;
  /** Devices that were let in by an authority before it. */
  readonly devices: readonly string[];
}

/**
 * Makes another issuing authority below the same top. Devices keep what they have and whom they trust; new certificates
 * come from it from now on, the broker's at once. Rejects with WP4402, WP4404, WP4405 or WP4412.
 */
export async function reissue({ dir, passphrase, by, clock }: TopWork): Promise<Reissued> {
  const { site, hosts } = readSiteSettings(dir);
  const nowMs = Math.floor(clock.wallMs());
  requireClock(nowMs);
  const root = await openTop(dir, passphrase);
  const before = await readIssuing(dir);
  // Since the top began: a device without a clock takes the broker's certificate only from a time that it knows to be past.
  const validity = {
    fromMs: root.certificate.notBefore.getTime(),
    toMs: Math.min(siteValidity(nowMs, LIFE_DAYS.issuing).toMs, root.certificate.notAfter.getTime()),
  };
  const next = await makeIssuing(root, `${site} ${formerAuthorities(dir).length + 2}`, validity);
  return withRegister(dir, async (register) => {
    const { certificate } = await readAuthority(next);
    const serial = certificate.serialNumber;
    const name = `issuing ${serial.slice(0, 8)}`;
    const kept = { serial, kind: 'authority', name, ...validity, issuedMs: nowMs, issuedBy: by } as const;
    register.add({ ...kept, issuer: null }, 'beside');
    // What has no issuer noted is of the time before there was another.
    register.noteIssuer(before.certificate.serialNumber);
    succeed(dir, next);
    await publishList(dir, register, nowMs);
    await issueServerFiles({ dir, site, register, hosts, by, nowMs });
    const devices = register.devicesNotOf(serial, nowMs);
    return { serial, expiresAt: new Date(validity.toMs).toISOString(), devices };
  });
}

export interface Retired {
  /** Authorities that were taken back. */
  readonly retired: readonly string[];
  /** Devices that are let in no more. */
  readonly devices: readonly string[];
}

/**
 * Takes back every issuing authority but the present one, with all that it has issued. Rejects with WP4428 where devices
 * still depend on one, unless it is lost: then they are out, and have to be provisioned again. WP4402, WP4404, WP4412.
 */
export async function retire(
  { dir, passphrase, clock }: TopWork,
  why: 'exchanged' | 'lost',
): Promise<Retired> {
  const nowMs = Math.floor(clock.wallMs());
  const root = await openTop(dir, passphrase);
  const present = await readIssuing(dir);
  const former = formerAuthorities(dir).map(serialOf);
  const serials = former.filter((serial) => serial !== present.certificate.serialNumber);
  return withRegister(dir, async (register) => {
    const devices = register.devicesNotOf(present.certificate.serialNumber, nowMs);
    if (devices.length > 0 && why === 'exchanged') {
      throw new WatchpostError('WP4428', { detail: devices.join(', ') });
    }
    const reason = why === 'lost' ? 'lost' : 'replaced';
    const taken = serials.map((serial) => ({ serial, atMs: nowMs, reason }) as const);
    const { number } = register.nextList(nowMs);
    const list = await listRevoked(root, taken, { number, validity: listValidity(nowMs) });
    replaceFile(siteFile(dir, 'rootList'), list, PUBLIC_MODE);
    forgetFormerKeys(dir);
    await publishList(dir, register, nowMs);
    return { retired: serials, devices };
  });
}

async function openTop(dir: string, passphrase: string): Promise<Authority> {
  const key = await openKey(readFileSync(siteFile(dir, 'rootKey'), 'utf8'), passphrase);
  return readAuthority({ key, certificate: readRoot(dir) });
}

async function withRegister<T>(dir: string, use: (register: Register) => Promise<T>): Promise<T> {
  const register = new Register(siteFile(dir, 'register'));
  register.open();
  try {
    return await use(register);
  } finally {
    register.close();
  }
}
