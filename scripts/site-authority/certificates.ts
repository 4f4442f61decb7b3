import '#agent/installer/identity/reflect-metadata.ts';
import { randomBytes, type webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509';
import { ALGORITHM, keysOf, newKey } from '#agent/installer/identity/key-request.ts';
import { WatchpostError } from '#contract/errors.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** RFC 9336: signs documents, and opens no connection. */
const DOCUMENT_SIGNING = '1.3.6.1.5.5.7.3.36';
/** RFC 5280 §5.2.3. */
const CRL_NUMBER = '2.5.29.20';
/** RFC 5280 §4.1.2.2: at most 20 octets. */
const SERIAL_BYTES = 16;
/** A request of ours has 362 bytes. */
const REQUEST_MOST_CHARS = 4_096;

/** PEM; the key is PKCS #8. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** Whoever signs. */
export interface Authority {
  readonly key: webcrypto.CryptoKey;
  readonly certificate: X509Certificate;
}

export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A certificate taken back. `serial`: hexadecimal digits. */
export interface Revocation {
  readonly serial: string;
  readonly atMs: number;
  readonly reason: RevocationReason;
}

/** Of RFC 5280 §5.3.1 what happens to devices. */
export const REVOCATION_REASONS = {
  lost: X509CrlReason.keyCompromise,
  replaced: X509CrlReason.superseded,
  retired: X509CrlReason.cessationOfOperation,
} as const;
export type RevocationReason = keyof typeof REVOCATION_REASONS;

/** Rejects with WP4402 for what is no key or no certificate. */
export async function readAuthority({ key, certificate }: KeyAndCertificate): Promise<Authority> {
  try {
    return { key: (await keysOf(key)).privateKey, certificate: new X509Certificate(certificate) };
  } catch (cause) {
    throw new WatchpostError('WP4402', { detail: 'an authority’s key or certificate', cause });
  }
}

/** The top of a site: signs the authority below it and its own list, nothing else. */
export async function makeRoot(site: string, validity: Validity): Promise<KeyAndCertificate> {
  const key = newKey();
  const keys = await keysOf(key);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ name: `CN=Watchpost ${site}`, keys, serialNumber: newSerial(), signingAlgorithm: ALGORITHM },
    ...datesOf(validity),
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key, certificate: pemOf(certificate) };
}

/** Signs servers and devices; its key is at hand, so that nobody needs the root's to take a certificate back. */
export async function makeIssuing(
  root: Authority,
  site: string,
  validity: Validity,
): Promise<KeyAndCertificate> {
  const key = newKey();
  const { publicKey } = await keysOf(key);
  const extensions = [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ];
  const certificate = await sign(root, {
    subject: `CN=Watchpost ${site} issuing`,
    publicKey,
    extensions,
    validity,
  });
  return { key, certificate: pemOf(certificate) };
}

/** For the broker, under every name and address that devices call it by. */
export async function issueServer(
  issuing: Authority,
  { site, hosts, validity }: { site: string; hosts: readonly string[]; validity: Validity },
): Promise<KeyAndCertificate & { readonly serial: string }> {
  const key = newKey();
  const { publicKey } = await keysOf(key);
  const names = hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }) as const);
  const extensions = [...leafExtensions(SERVER_AUTH), new SubjectAlternativeNameExtension(names)];
  const subject = `CN=Watchpost ${site} broker`;
  const certificate = await sign(issuing, { subject, publicKey, extensions, validity });
  return { key, certificate: pemOf(certificate), serial: certificate.serialNumber };
}

/** For the key that signs a site's certificates of acceptance. */
export async function issueSigner(
  issuing: Authority,
  { site, validity }: { site: string; validity: Validity },
): Promise<KeyAndCertificate & { readonly serial: string }> {
  const key = newKey();
  const { publicKey } = await keysOf(key);
  const extensions = leafExtensions(DOCUMENT_SIGNING);
  const subject = `CN=Watchpost ${site} commissioning`;
  const certificate = await sign(issuing, { subject, publicKey, extensions, validity });
  return { key, certificate: pemOf(certificate), serial: certificate.serialNumber };
}

/**
 * The certificate that a request asks for. Nothing but the public key is taken from it. Rejects with WP4408 when it is
 * none, is signed by another key, asks in another name, or has another kind of key than ECDSA P-256.
 */
export async function issueClient(
  issuing: Authority,
  { request, name, validity }: { request: string; name: string; validity: Validity },
): Promise<{ readonly certificate: string; readonly serial: string }> {
  const publicKey = await publicKeyOf(request, name);
  const extensions = leafExtensions(CLIENT_AUTH);
  const certificate = await sign(issuing, { subject: `CN=${name}`, publicKey, extensions, validity });
  return { certificate: pemOf(certificate), serial: certificate.serialNumber };
}

/** The list of what an authority has taken back (RFC 5280 §5), in PEM. `number` counts up with each list. */
export async function listRevoked(
  authority: Authority,
  revocations: readonly Revocation[],
  { number, validity }: { number: number; validity: Validity },
): Promise<string> {
  const crl = await X509CrlGenerator.create({
    issuer: authority.certificate.subject,
    thisUpdate: new Date(validity.fromMs),
    nextUpdate: new Date(validity.toMs),
    ...{ signingAlgorithm: ALGORITHM, signingKey: authority.key },
    extensions: [
      await AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
      new Extension(CRL_NUMBER, false, derInteger(number)),
    ],
    entries: revocations.map(({ serial, atMs, reason }) => ({
      ...{ serialNumber: serial, revocationDate: new Date(atMs), reason: REVOCATION_REASONS[reason] },
    })),
  });
  // The label of RFC 7468 §7, as openssl writes it.
  return `${crl.toString('pem').replaceAll(' CRL-----', ' X509 CRL-----')}\n`;
}

interface Leaf {
  readonly subject: string;
  readonly publicKey: webcrypto.CryptoKey;
  readonly extensions: readonly Extension[];
  readonly validity: Validity;
}

async function sign(
  { key, certificate }: Authority,
  { subject, publicKey, extensions, validity }: Leaf,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    ...{ subject, issuer: certificate.subject, serialNumber: newSerial(), ...datesOf(validity) },
    ...{ publicKey, signingKey: key, signingAlgorithm: ALGORITHM },
    extensions: [
      ...extensions,
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(certificate.publicKey),
    ],
  });
}

const leafExtensions = (use: string): Extension[] => [
  new BasicConstraintsExtension(false, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  new ExtendedKeyUsageExtension([use]),
];

async function publicKeyOf(text: string, name: string): Promise<webcrypto.CryptoKey> {
  const refuse = (detail: string, cause?: unknown) => new WatchpostError('WP4408', { detail, cause });
  if (text.length > REQUEST_MOST_CHARS) throw refuse('too long');
  try {
    const request = new Pkcs10CertificateRequest(text);
    if (request.subject !== `CN=${name}`) throw refuse(`it asks for ${request.subject}`);
    const publicKey = await request.publicKey.export(ALGORITHM, ['verify']);
    if (!(await request.verify())) throw refuse('signed by another key');
    return publicKey;
  } catch (cause) {
    throw cause instanceof WatchpostError ? cause : refuse('not a request with an ECDSA P-256 key', cause);
  }
}

/** Positive, and without a zero in front. */
function newSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

/** X.690 §8.3, of a number that is not negative. */
function derInteger(value: number): ArrayBuffer {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const body = (digits[0] ?? 0) >= 0x80 ? [0, ...digits] : [...digits];
  return new Uint8Array([0x02, body.length, ...body]).buffer;
}

const datesOf = ({ fromMs, toMs }: Validity) => ({ notBefore: new Date(fromMs), notAfter: new Date(toMs) });
const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`;
