import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { WatchpostError } from '#contract/errors.ts';
import type { Trust } from './client-certificate.ts';
import { NONE_REVOKED, type RevocationList, readRevocationLists } from './revocation-list.ts';

/** What the folder `tls/` of the broker holds, checked to fit together. */
export interface TlsFiles extends Trust {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  /** The broker's own certificate. */
  readonly own: X509Certificate;
}

const KEY = 'server.key';
const CERT = 'server.crt';
const CA = 'ca.crt';
const CRL = 'ca.crl';

/** Reads and checks the folder; `ca.crl` may be missing. Throws WP5009, or WP3315 for the list. */
export function readTlsFiles(dir: string): TlsFiles {
  const read = (name: string) => reading(name, () => readFileSync(join(dir, name), 'utf8'));
  const [key, cert, ca] = [read(KEY), read(CERT), read(CA)];
  const authorities = reading(CA, () => certificatesOf(ca)).sort(lastsLonger);
  const [own] = reading(CERT, () => certificatesOf(cert));
  if (own === undefined) throw new WatchpostError('WP5009', { detail: `${CERT} holds no certificate` });
  if (authorities.length === 0) throw new WatchpostError('WP5009', { detail: `${CA} holds no certificate` });
  reading(`${KEY} with ${CERT}`, () => createSecureContext({ key, cert, ca }));
  return { key, cert, ca, own, authorities, revoked: readList(dir, authorities) };
}

/** Changes when a file is replaced or written. One that is not there has a mark, too. */
export function stampOfTlsFiles(dir: string): string {
  return [KEY, CERT, CA, CRL]
    .map((name) => statSync(join(dir, name), { throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? 'none' : `${stat.ino}.${stat.size}.${stat.mtimeMs}.${stat.ctimeMs}`))
    .join(' ');
}

function readList(dir: string, authorities: readonly X509Certificate[]): RevocationList {
  const file = join(dir, CRL);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return NONE_REVOKED;
  return readRevocationLists(
    reading(CRL, () => readFileSync(file, 'utf8')),
    authorities,
  );
}

function reading<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WatchpostError('WP5009', { detail: `${what}: ${reason}`, cause });
  }
}

/** Throws when one is cut off: those that it vouches for would be put out. */
function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length !== (pem.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0)) {
    throw new WatchpostError('WP5009', { detail: 'a certificate is cut off' });
  }
  return blocks.map((block) => new X509Certificate(block));
}

/** An authority that was renewed with its key stands there twice: the certificate that ends last speaks for it. */
const lastsLonger = (one: X509Certificate, other: X509Certificate): number =>
  Date.parse(other.validTo) - Date.parse(one.validTo);
