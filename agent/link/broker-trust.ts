import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Certificates between the broker's and the authority's. */
const MOST_LINKS = 4;
/** RFC 5280 §4.2.1.12, id-kp-serverAuth. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export interface TrustRules {
  readonly host: string;
  /** One or more PEM certificates. */
  readonly ca: Buffer;
  /** The time at which everything must be valid. */
  readonly atMs: number;
}

/**
 * Why the broker at the other end is not to be trusted, or null. For a device whose machine has no time yet: TLS
 * itself would find every certificate "not yet valid", so here the same is checked at a time that is known to be past.
 */
export function distrust(socket: TLSSocket, { host, ca, atMs }: TrustRules): string | null {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return 'no certificate';
  if ((isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) === undefined)
    return `not named ${host}`;
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes(SERVER_AUTH))
    return 'not a certificate of a server';
  return distrustChain(leaf, authoritiesOf(ca), atMs);
}

function distrustChain(
  leaf: X509Certificate,
  authorities: readonly X509Certificate[],
  atMs: number,
): string | null {
  let current = leaf;
  for (let links = 0; links < MOST_LINKS; links += 1) {
    if (!isValidAt(current, atMs)) return `not valid at ${new Date(atMs).toISOString()}: ${current.subject}`;
    const authority = authorities.find((known) => hasIssued(known, current));
    if (authority !== undefined) return isValidAt(authority, atMs) ? null : 'the authority is not valid';
    const next = current.issuerCertificate;
    if (next === undefined || next.fingerprint256 === current.fingerprint256) break;
    if (!hasIssued(next, current)) break;
    current = next;
  }
  return 'not issued by the authority of this device';
}

const hasIssued = (issuer: X509Certificate, cert: X509Certificate): boolean =>
  issuer.ca && cert.checkIssued(issuer) && cert.verify(issuer.publicKey);

function isValidAt({ validFrom, validTo }: X509Certificate, atMs: number): boolean {
  return Date.parse(validFrom) <= atMs && atMs <= Date.parse(validTo);
}

function authoritiesOf(ca: Buffer): X509Certificate[] {
  const blocks =
    ca.toString('utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((pem) => new X509Certificate(pem));
}
