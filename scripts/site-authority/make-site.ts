import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { PublicKey } from '#contract/bundle/metadata.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { Name } from '#contract/names.ts';
import { publishAuthorities } from './authorities.ts';
import { makeBundleKeys } from './bundle-keys.ts';
import {
  type Authority,
  issueServer,
  listRevoked,
  makeIssuing,
  makeRoot,
  readAuthority,
} from './certificates.ts';
import { makeCommissioningKey } from './commissioning-key.ts';
import { LIFE_DAYS, leafValidity, requireClock, siteValidity } from './dates.ts';
import { PUBLIC_MODE, replaceFile, SECRET_MODE } from './durable-file.ts';
import { firstSupervisor } from './first-supervisor.ts';
import { publishList } from './publish.ts';
import { Register } from './register.ts';
import { requirePassphrase, sealKey } from './sealed-key.ts';
import { readIssuing, readRoot, type SiteSettings, siteFile } from './site-files.ts';

export interface NewSite {
  /** Where it goes: a folder that is not there, or empty. */
  readonly dir: string;
  readonly site: string;
  readonly hosts: readonly string[];
  /** For the key of the top authority. */
  readonly passphrase: string;
  /** Who makes it, for the register. */
  readonly by: string;
  /** Others who may sign bundles, beside the site's own key, and how many must; nobody and 1 unless said otherwise. */
  readonly signing?: { readonly signers: readonly PublicKey[]; readonly threshold: number };
  readonly clock: Clock;
}

/** The site's own key is enough. */
const NOBODY_ELSE = { signers: [], threshold: 1 } as const;

export interface MadeSite {
  /** API token of the person `supervisor`, shown this once. */
  readonly supervisorToken: string;
  readonly tokenExpiresAt: string;
  /** SHA-256 of the top certificate: what people compare. */
  readonly fingerprint: string;
}

/**
 * Makes a site: authorities, keys of bundles, the broker's certificates, an empty list of what was taken back, and the
 * first person. `site.json` is written last: a folder without one is no site. Rejects with WP4114, WP4401, WP4403,
 * WP4405, WP4411, WP5024 or WP5008.
 */
export async function makeSite(wanted: NewSite): Promise<MadeSite> {
  check(wanted);
  const wasThere = existsSync(wanted.dir);
  try {
    return await fill(wanted);
  } catch (error) {
    // Nothing was there before: a disk that was full must not leave a folder that the next try stumbles over.
    for (const name of wasThere ? readdirSync(wanted.dir) : []) removeAll(join(wanted.dir, name));
    if (!wasThere) removeAll(wanted.dir);
    throw error;
  }
}

const removeAll = (path: string): void => rmSync(path, { recursive: true, force: true });

async function fill(wanted: NewSite): Promise<MadeSite> {
  const { dir, site, hosts, by, clock, passphrase, signing = NOBODY_ELSE } = wanted;
  const nowMs = Math.floor(clock.wallMs());
  mkdirSync(join(dir, 'authority'), { recursive: true, mode: 0o700 });
  mkdirSync(siteFile(dir, 'tls'), { recursive: true, mode: 0o700 });
  await makeAuthorities(wanted, nowMs);
  await makeBundleKeys({ dir, passphrase, nowMs, ...signing });
  const register = new Register(siteFile(dir, 'register'));
  register.open();
  try {
    await issueServerFiles({ dir, site, register, hosts, by, nowMs });
    await makeCommissioningKey({ dir, site, register, by, nowMs });
    await publishList(dir, register, nowMs);
  } finally {
    register.close();
  }
  const supervisor = await firstSupervisor(siteFile(dir, 'broker'), clock);
  const settings: SiteSettings = {
    format: 1,
    site,
    hosts: [...hosts],
    madeAt: new Date(nowMs).toISOString(),
  };
  replaceFile(siteFile(dir, 'settings'), `${JSON.stringify(settings, null, 2)}\n`, PUBLIC_MODE);
  return { ...supervisor, fingerprint: new X509Certificate(readRoot(dir)).fingerprint256 };
}

export interface ServerFiles {
  readonly dir: string;
  readonly site: string;
  readonly register: Register;
  readonly hosts: readonly string[];
  readonly by: string;
  readonly nowMs: number;
}

/** A new key and certificate for the broker, which takes them into use without a restart. Answers its end. */
export async function issueServerFiles({
  dir,
  site,
  register,
  hosts,
  by,
  nowMs,
}: ServerFiles): Promise<number> {
  const issuing = await readIssuing(dir);
  const validity = leafValidity(issuing, { kind: 'server', days: LIFE_DAYS.server, nowMs });
  const { key, certificate, serial } = await issueServer(issuing, { site, hosts, validity });
  // The one before is in use until the broker has read this one: it ends by itself.
  const name = `broker ${serial.slice(0, 8)}`;
  register.add(
    {
      serial,
      kind: 'server',
      name,
      ...validity,
      issuedMs: nowMs,
      issuedBy: by,
      issuer: issuing.certificate.serialNumber,
    },
    'refuse',
  );
  const tls = siteFile(dir, 'tls');
  const between = `${issuing.certificate.toString('pem')}\n`;
  replaceFile(join(tls, 'server.key'), key, SECRET_MODE);
  replaceFile(join(tls, 'server.crt'), certificate + between, PUBLIC_MODE);
  publishAuthorities(dir);
  return validity.toMs;
}

async function makeAuthorities({ dir, site, passphrase }: NewSite, nowMs: number): Promise<void> {
  const life = siteValidity(nowMs, LIFE_DAYS.root);
  const top = await makeRoot(site, life);
  const root: Authority = await readAuthority(top);
  const below = await makeIssuing(root, site, siteValidity(nowMs, LIFE_DAYS.issuing));
  replaceFile(siteFile(dir, 'rootKey'), await sealKey(`root of ${site}`, top.key, passphrase), SECRET_MODE);
  replaceFile(siteFile(dir, 'rootCertificate'), top.certificate, PUBLIC_MODE);
  replaceFile(
    siteFile(dir, 'rootList'),
    await listRevoked(root, [], { number: 1, validity: life }),
    PUBLIC_MODE,
  );
  replaceFile(siteFile(dir, 'issuingKey'), below.key, SECRET_MODE);
  replaceFile(siteFile(dir, 'issuingCertificate'), below.certificate, PUBLIC_MODE);
}

function check({ dir, site, hosts, passphrase, clock, signing }: NewSite): void {
  if (!Name.safeParse(site).success || site === 'svc' || site === 'user') {
    throw new WatchpostError('WP5024', {
      detail: `${site} is no name of a site`,
      hint: 'Use 1 to 32 of a-z, 0-9 and -.',
    });
  }
  requireHosts(hosts);
  requirePassphrase(passphrase);
  const { signers, threshold } = signing ?? NOBODY_ELSE;
  if (threshold > signers.length + 1) {
    throw new WatchpostError('WP4114', { detail: `${threshold} of ${signers.length + 1} keys cannot sign` });
  }
  requireClock(clock.wallMs());
  if (entriesOf(dir) > 0) throw new WatchpostError('WP4401', { detail: `${dir} is not empty` });
}

/** RFC 1123 §2.1, or an address. Throws WP4411. */
export function requireHosts(hosts: readonly string[]): void {
  const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
  const name = new RegExp(`^${label}(?:\\.${label})*$`);
  const wrong = hosts.find((host) => isIP(host) === 0 && (host.length > 253 || !name.test(host)));
  if (wrong !== undefined) throw new WatchpostError('WP4411', { detail: wrong });
}

function entriesOf(dir: string): number {
  try {
    return readdirSync(dir).length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw new WatchpostError('WP4401', { detail: `${dir}: ${String(error)}`, cause: error });
  }
}
