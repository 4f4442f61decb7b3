import type { X509Certificate } from 'node:crypto';
import { readCommonName } from '#broker/auth/identity.ts';
import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import type { RevocationList } from './revocation-list.ts';

/** Authorities one below the other, at most. */
const MOST_LINKS = 8;
/** RFC 5280 §4.2.1.12, id-kp-clientAuth. */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Whom the site believes. Every authority that issues stands in the list, also one below another. */
export interface Trust {
  readonly authorities: readonly X509Certificate[];
  readonly revoked: RevocationList;
}

/**
 * When certificates are to be valid. A site whose clock stands before `floorMs`, a time that is known to be past,
 * cannot tell what is not valid yet: then only what had ended by `floorMs` is refused.
 */
export interface TrustTime {
  readonly nowMs: number;
  readonly floorMs: number;
}

/** What OpenSSL found. Under TLS it has the last word, except where it is misled by a clock that is not set. */
export interface Handshake {
  readonly authorized: boolean;
  readonly authorizationError: string;
  readonly isResumed: boolean;
}

/** A certificate that was found good. */
export interface ClientCertificate {
  readonly name: string;
  readonly fingerprint: string;
  readonly validToMs: number;
}

/** Why this client is not let in (the first of the reasons that hold), or its certificate. */
export function judgeClient(
  leaf: X509Certificate | undefined,
  handshake: Handshake,
  trust: Trust & TrustTime,
): ClientCertificate | WatchpostError {
  // Nothing that an earlier handshake found is believed: it would be from before a revocation.
  if (handshake.isResumed) return new WatchpostError('WP3314', { detail: 'a resumed session' });
  if (leaf === undefined) return new WatchpostError('WP3301');
  const subject = leaf.subject.replaceAll('\n', ', ');
  const chain = chainOf(leaf, trust.authorities);
  const code = distrustChain(chain, trust) ?? distrustTime(chain, trust) ?? distrustUse(leaf);
  if (code !== null) return new WatchpostError(code, { detail: subject });
  if (!handshake.authorized && !isMisledByClock(handshake, trust)) {
    return new WatchpostError('WP3309', { detail: `${handshake.authorizationError}: ${subject}` });
  }
  const name = commonNameOf(leaf);
  if (name === null || readCommonName(name) === null)
    return new WatchpostError('WP3307', { detail: subject });
  return { name, fingerprint: leaf.fingerprint256, validToMs: Date.parse(leaf.validTo) };
}

/**
 * Whether this certificate comes from an authority of the site and was not taken back. Also asked for connections
 * that are open, when authorities or revocations have changed.
 */
export const distrust = (leaf: X509Certificate, trust: Trust): ErrorCode | null =>
  distrustChain(chainOf(leaf, trust.authorities), trust);

/** The CN, if the certificate has exactly one. */
export function commonNameOf(leaf: X509Certificate): string | null {
  const { CN } = leaf.toLegacyObject().subject;
  return typeof CN === 'string' ? CN : null;
}

/** From the client's certificate up, as far as the site knows; with the certificate alone nobody known issued it. */
type Chain = readonly [X509Certificate, ...X509Certificate[]];

/** What a client sends along is not looked at: Node does not hand it out. */
function chainOf(leaf: X509Certificate, authorities: readonly X509Certificate[]): Chain {
  const chain: [X509Certificate, ...X509Certificate[]] = [leaf];
  for (let current = leaf; chain.length <= MOST_LINKS; ) {
    const issuer = authorities.find((known) => hasIssued(known, current));
    if (issuer === undefined) break;
    chain.push(issuer);
    // The top vouches for itself.
    if (issuer.checkIssued(issuer)) break;
    current = issuer;
  }
  return chain;
}

function distrustChain(chain: Chain, { revoked }: Trust): ErrorCode | null {
  if (chain.length === 1) return isSelfSigned(chain[0]) ? 'WP3302' : 'WP3303';
  const isRevoked = chain.some((cert, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && revoked.has(issuer, cert);
  });
  return isRevoked ? 'WP3306' : null;
}

function distrustTime(chain: Chain, { nowMs, floorMs }: TrustTime): ErrorCode | null {
  const isUnset = nowMs < floorMs;
  const atMs = Math.max(nowMs, floorMs);
  if (chain.some(({ validTo }) => Date.parse(validTo) < atMs)) return 'WP3304';
  return !isUnset && chain.some(({ validFrom }) => Date.parse(validFrom) > atMs) ? 'WP3305' : null;
}

/** `keyUsage` is the extended key usage in Node; without one a certificate is for everything. */
const distrustUse = ({ keyUsage }: X509Certificate): ErrorCode | null =>
  keyUsage === undefined || keyUsage.includes(CLIENT_AUTH) ? null : 'WP3308';

/** OpenSSL names the last thing that it found; everything else has been looked at here already. */
const isMisledByClock = ({ authorizationError }: Handshake, { nowMs, floorMs }: TrustTime): boolean =>
  nowMs < floorMs && authorizationError === 'CERT_NOT_YET_VALID';

const hasIssued = (issuer: X509Certificate, cert: X509Certificate): boolean =>
  issuer.ca && cert.checkIssued(issuer) && cert.verify(issuer.publicKey);

const isSelfSigned = (cert: X509Certificate): boolean =>
  cert.checkIssued(cert) && cert.verify(cert.publicKey);
