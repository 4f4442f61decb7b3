import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readTlsFiles } from '#broker/server/tls/tls-files.ts';
import { newestOf } from '../../bundle/root-chain.ts';
import { readBundleRoot } from '../../site-authority/bundle-keys.ts';
import { Register } from '../../site-authority/register.ts';
import { readSiteSettings, siteFile } from '../../site-authority/site-files.ts';
import type { Check } from '../check.ts';
import { endFinding } from '../end-finding.ts';
import { type Finding, failed, failedBy, ok, skipped, warning } from '../finding.ts';

const OTHERS = 0o077;
/** As the broker's own warning (WP3316). */
const SOON_DAYS = 30;
/** The list is promised for a year; a bundle root takes people with sticks, an authority a visit of no device. */
const SOON_LIST_DAYS = 60;
const SOON_AUTHORITY_DAYS = 365;
const SECRETS = ['issuingKey', 'signingKey', 'rootKey', 'bundleRootKey', 'commissioningKey'] as const;

/** What a site issues with, and when each of it ends. */
export const siteCheck: Check = {
  name: 'site',
  examine: ({ siteDir, machine }) => {
    if (siteDir === null) return [skipped('site', 'no site’s folder: give --site')];
    try {
      readSiteSettings(siteDir);
    } catch (cause) {
      return [failedBy('site', cause, 'WP4402')];
    }
    const nowMs = machine.nowMs();
    const looks = [secretFindings, tlsFindings, authorityFindings, bundleFindings, deviceFindings];
    return looks.flatMap((look) => {
      try {
        return look(siteDir, nowMs);
      } catch (cause) {
        return [failedBy('site', cause, 'WP4402')];
      }
    });
  },
};

function secretFindings(dir: string): Finding[] {
  return SECRETS.flatMap((key) => {
    const file = siteFile(dir, key);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    const mode = stat.mode & 0o777;
    if ((mode & OTHERS) === 0) return [ok(key, `mode ${mode.toString(8)}`)];
    const detail = `${file} has mode ${mode.toString(8)}`;
    return [failed(key, { code: 'WP4412', detail, remedy: `chmod 600 ${file}` })];
  });
}

function tlsFindings(dir: string, nowMs: number): Finding[] {
  const { own, revoked } = readTlsFiles(siteFile(dir, 'tls'));
  const renew = `scripts/watchpost site renew --data ${dir}`;
  const broker = endFinding({
    ...{ what: 'broker’s certificate', shown: 'of the broker', endMs: Date.parse(own.validTo), nowMs },
    ...{ ended: 'WP4705', soon: 'WP4706', soonDays: SOON_DAYS, remedy: renew },
  });
  const { size, nextUpdateMs } = revoked;
  if (nextUpdateMs === null) return [broker, failed('list', { code: 'WP4744', detail: 'there is none' })];
  const list = endFinding({
    ...{ what: 'list', shown: `${size} taken back`, endMs: nextUpdateMs, nowMs },
    // Nothing is refused when it is late.
    ...{ ended: 'WP4744', soon: 'WP4744', soonDays: SOON_LIST_DAYS },
  });
  return [broker, list.result === 'failed' ? { ...list, result: 'warning' } : list];
}

function authorityFindings(dir: string, nowMs: number): Finding[] {
  const look = (key: 'rootCertificate' | 'issuingCertificate', shown: string, remedy: string) =>
    endFinding({
      ...{ what: shown, shown: 'of the site', nowMs, remedy },
      endMs: Date.parse(new X509Certificate(readFileSync(siteFile(dir, key))).validTo),
      ...{ ended: 'WP4705', soon: 'WP4706', soonDays: SOON_AUTHORITY_DAYS },
    });
  return [
    look('rootCertificate', 'top authority', 'Plan a new site: scripts/watchpost site init --help'),
    look('issuingCertificate', 'issuing authority', `scripts/watchpost site reissue --data ${dir}`),
  ];
}

function bundleFindings(dir: string, nowMs: number): Finding[] {
  if (!existsSync(siteFile(dir, 'bundleRoot'))) {
    return [failed('bundle root', { code: 'WP4416', remedy: `scripts/watchpost site update --data ${dir}` })];
  }
  const { version, expires } = newestOf(readBundleRoot(dir)).signed;
  return [
    endFinding({
      ...{ what: 'bundle root', shown: `root ${version}`, endMs: Date.parse(expires), nowMs },
      ...{ ended: 'WP4743', soon: 'WP4743', soonDays: 90 },
    }),
  ];
}

function deviceFindings(dir: string, nowMs: number): Finding[] {
  const register = new Register(siteFile(dir, 'register'));
  register.open();
  try {
    const names = new Set(register.list().flatMap(({ kind, name }) => (kind === 'device' ? [name] : [])));
    return [...names].flatMap((name) => deviceFinding(register, name, { dir, nowMs }));
  } finally {
    register.close();
  }
}

function deviceFinding(
  register: Register,
  name: string,
  { dir, nowMs }: { dir: string; nowMs: number },
): Finding[] {
  const [newest, ...others] = register.goodOf(name, nowMs);
  const issued = register.list().filter((each) => each.name === name && each.revokedMs === null);
  const last = newest ?? issued.at(-1);
  // All taken back: somebody wanted it so.
  if (last === undefined) return [];
  const device = name.split('.')[1] ?? name;
  const remedy = `scripts/watchpost identity renew ${device} --site ${dir}`;
  const end = endFinding({
    ...{ what: `device ${device}`, shown: 'its certificate', endMs: last.toMs, nowMs, remedy },
    ...{ ended: 'WP4705', soon: 'WP4706', soonDays: SOON_DAYS },
  });
  if (others.length === 0) return [end];
  return [end, warning(`device ${device}`, { code: 'WP4745', detail: `${others.length + 1}`, remedy })];
}
