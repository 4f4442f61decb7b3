import '#agent/installer/identity/reflect-metadata.ts';
import { webcrypto } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const DAY_MS = 86_400_000;

/** PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface Issue {
  /** All of the subject, such as `CN=mall.pillar-001`. */
  readonly subject?: string;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly usage?: 'server' | 'client' | 'none';
  /** May issue certificates itself. */
  readonly isAuthority?: boolean;
}

/** A certificate authority as a site has one: ECDSA P-256, everything in memory. */
export class TestAuthority {
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #cert: X509Certificate;
  #serial = 0x7f;

  static async make(name = 'CN=Test site', issue: Issue = {}): Promise<TestAuthority> {
    return TestAuthority.#selfSigned(await newKeys(), name, issue);
  }

  static async #selfSigned(
    keys: webcrypto.CryptoKeyPair,
    name: string,
    issue: Issue,
  ): Promise<TestAuthority> {
    const cert = await X509CertificateGenerator.createSelfSigned({
      ...{ name, keys, serialNumber: '01', signingAlgorithm: ALGORITHM, ...validity(issue) },
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    return new TestAuthority(keys, cert);
  }

  /** Somebody who signs with the key of a certificate that is no authority's. */
  static async misusing({ key, cert }: KeyAndCertificate): Promise<TestAuthority> {
    const der = Buffer.from(key.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
    const misused = new X509Certificate(cert);
    const publicKey = await misused.publicKey.export(ALGORITHM, ['verify']);
    return new TestAuthority({ privateKey, publicKey }, misused);
  }

  constructor(keys: webcrypto.CryptoKeyPair, cert: X509Certificate) {
    this.#keys = keys;
    this.#cert = cert;
  }

  /** The same key under another certificate, as an authority is renewed before it ends. */
  renew(issue: Issue, name = this.#cert.subject): Promise<TestAuthority> {
    return TestAuthority.#selfSigned(this.#keys, name, issue);
  }

  get cert(): string {
    return `${this.#cert.toString('pem')}\n`;
  }

  /** A certificate with this CN, for a client unless said otherwise. */
  async issue(commonName: string, issue: Issue = {}): Promise<KeyAndCertificate> {
    const { keys, cert } = await this.#issue(commonName, issue);
    return { key: await pemOf(keys), cert: `${cert.toString('pem')}\n` };
  }

  /** An authority below this one. */
  async delegate(commonName: string): Promise<TestAuthority> {
    const { keys, cert } = await this.#issue(commonName, { isAuthority: true });
    return new TestAuthority(keys, cert);
  }

  /** The list of these certificates, taken back. */
  async revoke(certs: readonly string[], nextUpdateMs = Date.now() + 30 * DAY_MS): Promise<string> {
    const crl = await X509CrlGenerator.create({
      issuer: this.#cert.subject,
      thisUpdate: new Date(Date.now() - DAY_MS),
      nextUpdate: new Date(nextUpdateMs),
      signingAlgorithm: ALGORITHM,
      signingKey: this.#keys.privateKey,
      entries: certs.map((pem) => ({
        serialNumber: new X509Certificate(pem).serialNumber,
        revocationDate: new Date(Date.now() - 1000),
        reason: X509CrlReason.keyCompromise,
      })),
    });
    // The label of RFC 7468 §7, as openssl writes it.
    return `${crl.toString('pem').replaceAll(' CRL-----', ' X509 CRL-----')}\n`;
  }

  async #issue(commonName: string, issue: Issue) {
    const keys = await newKeys();
    this.#serial += 1;
    const cert = await X509CertificateGenerator.create({
      // Above 0x7f DER has a zero in front.
      serialNumber: this.#serial.toString(16),
      subject: issue.subject ?? `CN=${commonName}`,
      issuer: this.#cert.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...validity(issue),
      extensions: extensionsOf(issue),
    });
    return { keys, cert };
  }
}

/** A certificate that vouches for itself. */
export async function selfSigned(commonName: string): Promise<KeyAndCertificate> {
  const keys = await newKeys();
  const cert = await X509CertificateGenerator.createSelfSigned({
    ...{ name: `CN=${commonName}`, keys, serialNumber: '02', signingAlgorithm: ALGORITHM, ...validity({}) },
  });
  return { key: await pemOf(keys), cert: `${cert.toString('pem')}\n` };
}

/** Puts the broker's files into `dir`, each by renaming a finished one into place. */
export function writeTls(
  dir: string,
  files: Partial<Record<'server.key' | 'server.crt' | 'ca.crt' | 'ca.crl', string>>,
): void {
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(dir, `${name}.new`), text);
    renameSync(join(dir, `${name}.new`), join(dir, name));
  }
}

/** A folder as `--mqtts` wants it, with a server certificate for loopback. */
export async function writeSiteTls(dir: string, authority: TestAuthority, issue: Issue = {}): Promise<void> {
  const { key, cert } = await authority.issue('broker', { usage: 'server', ...issue });
  writeTls(dir, { 'server.key': key, 'server.crt': cert, 'ca.crt': authority.cert });
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

async function pemOf({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

function validity({ notBeforeMs, notAfterMs }: Issue): { notBefore: Date; notAfter: Date } {
  const nowMs = Date.now();
  return {
    notBefore: new Date(notBeforeMs ?? nowMs - DAY_MS),
    notAfter: new Date(notAfterMs ?? nowMs + 365 * DAY_MS),
  };
}

function extensionsOf({ usage = 'client', isAuthority = false }: Issue): Extension[] {
  const alternatives = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
  ] as const;
  return [
    new BasicConstraintsExtension(isAuthority, undefined, true),
    ...(usage === 'none' || isAuthority
      ? []
      : [new ExtendedKeyUsageExtension([usage === 'server' ? SERVER_AUTH : CLIENT_AUTH])]),
    ...(usage === 'server' ? [new SubjectAlternativeNameExtension([...alternatives])] : []),
  ];
}
