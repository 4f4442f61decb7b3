import { createHash, createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactVerify, decodeProtectedHeader } from 'jose';
import * as z from 'zod';
import { canonicalJson } from '#contract/commission/canonical.ts';
import {
  type Certificate,
  CertificateFile,
  DOCUMENT_SIGNING,
  SIGNATURE_TYPE,
} from '#contract/commission/certificate.ts';
import type { StepPicture } from '#contract/commission/run.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf } from '#contract/names.ts';

export interface Trust {
  /** Top certificate of the site, PEM. */
  readonly ca: string | null;
  /** SHA-256 of the key of a site without an authority, hexadecimal digits. */
  readonly key: string | null;
  /** Serial numbers that the site has taken back, hexadecimal digits. */
  readonly revoked: ReadonlySet<string>;
}

export interface Wanted {
  /** `pillar-001` or `mall.pillar-001`; null: whatever it is of. */
  readonly device: string | null;
  /** Where the pictures lie; null: they are not looked at. */
  readonly pictures: string | null;
}

export interface Verified {
  readonly certificate: Certificate;
  /** Subject of the signer's certificate, or null where its key alone was trusted. */
  readonly signer: string | null;
  /** SHA-256 of the signer's key. */
  readonly fingerprint: string;
}

const Header = z.looseObject({
  alg: z.literal('ES256'),
  typ: z.literal(SIGNATURE_TYPE),
  x5c: z.array(z.base64()).min(1).max(5).optional(),
  jwk: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Whether the file is what the site has signed. Needs no network. Rejects with WP4517 (no certificate), WP4518
 * (changed), WP4519 (unknown signer), WP4520 (another device), WP4521 (pictures) or WP4522 (signer not good).
 */
export async function verifyCertificate(text: string, trust: Trust, wanted: Wanted): Promise<Verified> {
  const { certificate, signature } = readFile(text);
  const header = readHeader(signature);
  const { key, subject, chain } = signerOf(header);
  await requireSignature(certificate, signature, key);
  requireTrust({ key, chain }, trust, Date.parse(certificate.finishedAt));
  const { site, device } = certificate;
  if (wanted.device !== null && wanted.device !== device && wanted.device !== clientIdOf({ site, device })) {
    throw new WatchpostError('WP4520', { detail: clientIdOf({ site, device }) });
  }
  if (wanted.pictures !== null) requirePictures(certificate, wanted.pictures);
  return { certificate, signer: subject, fingerprint: fingerprintOf(key) };
}

/** Name of a picture's file. */
export const pictureFile = ({ blobId, mediaType }: StepPicture): string =>
  `${blobId}.${/^image\/(png|jpeg|webp)$/.exec(mediaType)?.[1]?.replace('jpeg', 'jpg') ?? 'bin'}`;

function readFile(text: string): CertificateFile {
  try {
    return CertificateFile.parse(JSON.parse(text));
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    const detail = issue === undefined ? 'not JSON' : `${issue.path.join('.')}: ${issue.message}`;
    throw new WatchpostError('WP4517', { detail, cause });
  }
}

function readHeader(signature: string): z.infer<typeof Header> {
  try {
    return Header.parse(decodeProtectedHeader(signature));
  } catch (cause) {
    throw new WatchpostError('WP4518', { detail: 'the signature cannot be read', cause });
  }
}

interface Signer {
  readonly key: KeyObject;
  readonly chain: readonly X509Certificate[];
  readonly subject: string | null;
}

function signerOf({ x5c, jwk }: z.infer<typeof Header>): Signer {
  try {
    if (x5c === undefined) {
      const key = createPublicKey({ key: z.custom<JsonWebKey>().parse(jwk), format: 'jwk' });
      return { key, chain: [], subject: null };
    }
    const chain = x5c.map((der) => new X509Certificate(Buffer.from(der, 'base64')));
    const [leaf] = chain;
    if (leaf === undefined) throw new RangeError('no certificate');
    return { key: leaf.publicKey, chain, subject: leaf.subject };
  } catch (cause) {
    throw new WatchpostError('WP4518', { detail: 'the signer cannot be read', cause });
  }
}

/** The last character of a signature has bits that mean nothing: they must not be changed, either. */
async function requireSignature(certificate: Certificate, signature: string, key: KeyObject): Promise<void> {
  const isPlain = signature
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
  if (!isPlain) throw new WatchpostError('WP4518', { detail: 'signature' });
  try {
    const { payload } = await compactVerify(signature, key, { algorithms: ['ES256'] });
    if (Buffer.from(payload).toString('utf8') === canonicalJson(certificate)) return;
  } catch (cause) {
    throw new WatchpostError('WP4518', { detail: 'signature', cause });
  }
  throw new WatchpostError('WP4518', { detail: 'what is written is not what was signed' });
}

function requireTrust(
  { key, chain }: Pick<Signer, 'key' | 'chain'>,
  { ca, key: trusted, revoked }: Trust,
  atMs: number,
): void {
  const [leaf, ...above] = chain;
  if (leaf === undefined) {
    if (trusted !== null && fingerprintOf(key) === trusted.toLowerCase().replaceAll(':', '')) return;
    throw new WatchpostError('WP4519', { detail: `key ${fingerprintOf(key)}` });
  }
  if (ca === null) throw new WatchpostError('WP4519', { detail: leaf.subject });
  const top = new X509Certificate(ca);
  requireChain([leaf, ...above.filter(({ raw }) => !raw.equals(top.raw)), top]);
  requirePurpose(leaf);
  for (const each of [leaf, ...above]) {
    if (atMs < Date.parse(each.validFrom) || atMs > Date.parse(each.validTo)) {
      throw new WatchpostError('WP4522', { detail: `${each.subject}: ${each.validFrom} to ${each.validTo}` });
    }
    if (revoked.has(each.serialNumber.toLowerCase().replace(/^0+/, ''))) {
      throw new WatchpostError('WP4522', { detail: `${each.subject} was taken back` });
    }
  }
}

function requireChain(chain: readonly X509Certificate[]): void {
  for (const [at, below] of chain.slice(0, -1).entries()) {
    const above = chain[at + 1];
    const isSigned = above?.ca === true && below.checkIssued(above) && below.verify(above.publicKey);
    if (!isSigned) throw new WatchpostError('WP4519', { detail: below.subject });
  }
}

/** A certificate of a device has the same authority above it: what it is for decides. */
function requirePurpose(leaf: X509Certificate): void {
  if (!leaf.ca && leaf.keyUsage?.includes(DOCUMENT_SIGNING)) return;
  throw new WatchpostError('WP4522', { detail: `${leaf.subject} is not for documents` });
}

function requirePictures(certificate: Certificate, dir: string): void {
  for (const picture of certificate.steps.flatMap(({ pictures }) => pictures)) {
    const file = join(dir, pictureFile(picture));
    if (!existsSync(file)) throw new WatchpostError('WP4521', { detail: `${file} is not there` });
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    if (sha256 !== picture.sha256) throw new WatchpostError('WP4521', { detail: `${file} is another one` });
  }
}

const fingerprintOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
