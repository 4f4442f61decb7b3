import { verify, type X509Certificate } from 'node:crypto';
import { WatchpostError } from '#contract/errors.ts';
import { type Element, elementsOf, TAG, take, takeIf } from './der.ts';

/** Certificates that their authority has taken back (RFC 5280 §5). */
export interface RevocationList {
  /** How many certificates are on it. */
  readonly size: number;
  /** When the authority wanted to have published the next one; null where it did not say. */
  readonly nextUpdateMs: number | null;
  has(issuer: X509Certificate, cert: X509Certificate): boolean;
}

/** Nothing is revoked. */
export const NONE_REVOKED: RevocationList = { size: 0, nextUpdateMs: null, has: () => false };

/** Signature algorithms of lists by the DER of their object id, and the hash to check them with. */
const ALGORITHMS: Readonly<Record<string, string | null>> = {
  '2a8648ce3d040302': 'sha256', // ecdsa-with-SHA256
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2a864886f70d01010b': 'sha256', // sha256WithRSAEncryption
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2b6570': null, // Ed25519
};

interface OneList {
  /** The public key that signed it: an authority may have several certificates with one key. */
  readonly issuer: string;
  readonly serials: ReadonlySet<string>;
  readonly nextUpdateMs: number | null;
}

/**
 * Reads one or more PEM lists, each signed by one of the authorities. Throws WP3315 for what is no list, is cut off,
 * or is signed by nobody that is known: a list that cannot be believed must not look like an empty one.
 */
export function readRevocationLists(pem: string, authorities: readonly X509Certificate[]): RevocationList {
  const blocks = pem.match(/-----BEGIN (?:X509 )?CRL-----[^-]+-----END (?:X509 )?CRL-----/g) ?? [];
  if (blocks.length === 0) throw new WatchpostError('WP3315', { detail: 'no X509 CRL in PEM' });
  if (blocks.length !== pem.match(/-----BEGIN /g)?.length) {
    throw new WatchpostError('WP3315', { detail: 'a list is cut off' });
  }
  const lists = blocks.map((block) => readOne(derOf(block), authorities));
  const nextUpdates = lists.flatMap(({ nextUpdateMs }) => nextUpdateMs ?? []);
  return {
    size: lists.reduce((sum, { serials }) => sum + serials.size, 0),
    nextUpdateMs: nextUpdates.length === 0 ? null : Math.min(...nextUpdates),
    has: (issuer, { serialNumber }) =>
      lists.some((list) => list.serials.has(numberOf(serialNumber)) && list.issuer === keyOf(issuer)),
  };
}

const keyOf = ({ publicKey }: X509Certificate): string =>
  publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

const derOf = (block: string): Buffer => Buffer.from(block.replace(/-----[^-]+-----|\s/g, ''), 'base64');

/** CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue } (RFC 5280 §5.1). */
function readOne(der: Buffer, authorities: readonly X509Certificate[]): OneList {
  const [list] = elementsOf(der);
  const parts = elementsOf(list?.body ?? der);
  const signed = take(parts, TAG.sequence);
  const [algorithm] = elementsOf(take(parts, TAG.sequence).body);
  // The first byte of a bit string says how many bits of the last are unused: none of a signature.
  const signature = take(parts, TAG.bitString).body.subarray(1);
  const hash = ALGORITHMS[algorithm?.body.toString('hex') ?? ''];
  if (hash === undefined) throw new WatchpostError('WP3315', { detail: 'a signature of an unknown kind' });
  const issuer = authorities.find(({ publicKey }) => verify(hash, signed.whole, publicKey, signature));
  if (issuer === undefined)
    throw new WatchpostError('WP3315', { detail: 'not signed by an authority in ca.crt' });
  return { issuer: keyOf(issuer), ...readSigned(elementsOf(signed.body)) };
}

function readSigned(parts: Element[]): Omit<OneList, 'issuer'> {
  takeIf(parts, TAG.integer);
  take(parts, TAG.sequence);
  take(parts, TAG.sequence);
  timeOf(parts.shift());
  const nextUpdateMs = timeOf(parts[0]);
  if (nextUpdateMs !== null) parts.shift();
  const revoked = takeIf(parts, TAG.sequence);
  const entries = revoked === null ? [] : elementsOf(revoked.body);
  const serials = entries.map(({ body }) =>
    numberOf(take(elementsOf(body), TAG.integer).body.toString('hex')),
  );
  return { serials: new Set(serials), nextUpdateMs };
}

/** UTCTime YYMMDDHHMMSSZ (from 1950 on) or GeneralizedTime YYYYMMDDHHMMSSZ (RFC 5280 §4.1.2.5). */
function timeOf(element: Element | undefined): number | null {
  if (element?.tag !== TAG.utcTime && element?.tag !== TAG.generalizedTime) return null;
  const text = element.body.toString('latin1');
  const century = element.tag === TAG.generalizedTime ? '' : Number(text.slice(0, 2)) >= 50 ? '19' : '20';
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(`${century}${text}`) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(ms)) throw new WatchpostError('WP3315', { detail: `not a time: ${text}` });
  return ms;
}

/** A serial number as hexadecimal digits without leading zeros, however it was written. */
const numberOf = (hex: string): string => hex.replace(/^0+/, '').toUpperCase();
