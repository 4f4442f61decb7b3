import { createPrivateKey, X509Certificate } from 'node:crypto';
import { WatchpostError } from '#contract/errors.ts';

export interface Wanted {
  /** PEM. */
  readonly key: Buffer;
  /** `{site}.{device}` */
  readonly name: string;
  /** What the device trusts, PEM. */
  readonly ca: Buffer;
  /** A time that is known to be past. */
  readonly pastMs: number;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** Between a device's and the top. */
const MOST_LINKS = 4;

export interface FittingCertificate {
  readonly own: X509Certificate;
  /** Hexadecimal digits, in small letters. */
  readonly serial: string;
  readonly expiresAt: string;
}

/**
 * Whether a certificate is for this key and this device, comes from whom it trusts, and has not ended.
 * @param pem - the device's own, behind it those between it and the top
 * @throws WatchpostError WP4422
 */
export function requireFitting(pem: string, { key, name, ca, pastMs }: Wanted): FittingCertificate {
  const [own, ...between] = certificatesOf(pem);
  if (own === undefined) throw misfit('no certificate');
  if (own.subject !== `CN=${name}`) throw misfit(`it is for ${own.subject}`);
  if (!own.checkPrivateKey(createPrivateKey(key))) throw misfit('it is for another key');
  if (Date.parse(own.validTo) <= pastMs) throw misfit(`it ended ${own.validTo}`);
  if (!leadsToTop(own, between, certificatesOf(ca.toString('utf8')))) {
    throw misfit('it does not come from the authority of this device');
  }
  return describe(own);
}

export const describe = (own: X509Certificate): FittingCertificate => ({
  own,
  serial: own.serialNumber.toLowerCase(),
  expiresAt: new Date(own.validTo).toISOString(),
});

function leadsToTop(
  own: X509Certificate,
  between: readonly X509Certificate[],
  tops: readonly X509Certificate[],
): boolean {
  let current = own;
  for (let links = 0; links < MOST_LINKS; links += 1) {
    if (tops.some((top) => hasIssued(top, current))) return true;
    const next = between.find((other) => hasIssued(other, current));
    if (next === undefined) return false;
    current = next;
  }
  return false;
}

const hasIssued = (issuer: X509Certificate, certificate: X509Certificate): boolean =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

function certificatesOf(pem: string): X509Certificate[] {
  try {
    return (pem.match(BLOCK) ?? []).slice(0, MOST_LINKS + 1).map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new WatchpostError('WP4422', { detail: 'it cannot be read', cause });
  }
}

const misfit = (detail: string) => new WatchpostError('WP4422', { detail });
