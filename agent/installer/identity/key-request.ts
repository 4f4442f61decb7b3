import './reflect-metadata.ts';
import { createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { cryptoProvider, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

cryptoProvider.set(webcrypto);

export const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A new key, ECDSA P-256, in PEM (PKCS #8). */
export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

/** What a device asks with: proof that it has the key, without the key (PKCS #10, RFC 2986). PEM. */
export async function makeRequest(key: string, name: string): Promise<string> {
  const keys = await keysOf(key);
  const request = await Pkcs10CertificateRequestGenerator.create({
    ...{ name: `CN=${name}`, keys, signingAlgorithm: ALGORITHM },
  });
  return `${request.toString('pem')}\n`;
}

export async function keysOf(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return {
    privateKey,
    publicKey: await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  };
}
