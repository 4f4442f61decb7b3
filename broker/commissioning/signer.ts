import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '#contract/commission/canonical.ts';
import { type Certificate, type CertificateFile, SIGNATURE_TYPE } from '#contract/commission/certificate.ts';
import { WatchpostError } from '#contract/errors.ts';

/** In the broker's folder; `site init` makes both, the certificate with those of the authorities above it. */
export const SIGNING_KEY = 'commissioning.key';
export const SIGNING_CERTIFICATE = 'commissioning.crt';

/** Signs commissioning certificates with a key that is for nothing else. */
export class Signer {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** ES256 over the canonical form (docs/commissioning.md). Rejects with WP4523. */
  async sign(certificate: Certificate): Promise<CertificateFile> {
    const key = this.#key();
    const { CompactSign } = await import('jose');
    const signature = await new CompactSign(Buffer.from(canonicalJson(certificate)))
      .setProtectedHeader({ alg: 'ES256', typ: SIGNATURE_TYPE, ...(await this.#whose(key)) })
      .sign(key);
    return { certificate, signature };
  }

  /** SHA-256 of the public key (SubjectPublicKeyInfo): what people compare at a site without an authority. */
  fingerprint(): string {
    const spki = createPublicKey(this.#key()).export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(spki).digest('hex');
  }

  async #whose(key: KeyObject): Promise<{ x5c: string[] } | { jwk: object }> {
    const chain = this.#chain();
    if (chain === null) {
      const { exportJWK } = await import('jose');
      return { jwk: await exportJWK(createPublicKey(key)) };
    }
    const [leaf] = chain;
    if (leaf === undefined || !leaf.checkPrivateKey(key)) {
      throw new WatchpostError('WP4523', { detail: `${SIGNING_CERTIFICATE} is of another key` });
    }
    return { x5c: chain.map(({ raw }) => raw.toString('base64')) };
  }

  #chain(): X509Certificate[] | null {
    const file = join(this.#dataDir, SIGNING_CERTIFICATE);
    if (!existsSync(file)) return null;
    try {
      const found = readFileSync(file, 'utf8').match(
        /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
      );
      return (found ?? []).map((pem) => new X509Certificate(pem));
    } catch (cause) {
      throw new WatchpostError('WP4523', { detail: file, cause });
    }
  }

  /** A site without one makes its own, which nobody vouches for. */
  #key(): KeyObject {
    const file = join(this.#dataDir, SIGNING_KEY);
    try {
      if (!existsSync(file)) this.#make(file);
      if ((statSync(file).mode & 0o077) !== 0) throw new RangeError('others may read it');
      return createPrivateKey(readFileSync(file, 'utf8'));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new WatchpostError('WP4523', { detail: `${file}: ${reason}`, cause });
    }
  }

  #make(file: string): void {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(`${file}.new`, pem, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }
}
