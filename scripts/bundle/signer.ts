import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { canonicalBytes } from '#contract/bundle/canonical.ts';
import { keyIdOf, type PublicKey } from '#contract/bundle/metadata.ts';
import { WatchpostError } from '#contract/errors.ts';
import { openKey, sealKey } from '../site-authority/sealed-key.ts';

/** Somebody who holds a key. */
export interface Signer {
  readonly keyId: string;
  readonly publicKey: PublicKey;
  sign(bytes: Uint8Array): Buffer;
}

/** What is in the file of a signing key, sealed under a passphrase. */
const KEY_NAME = 'bundle signing key';
/** RFC 8410, 4: the last 32 bytes of an Ed25519 public key in SPKI are the key itself. */
const RAW_KEY_BYTES = 32;

/** Throws WP4113 for a key that is not Ed25519. */
export function signerOf(privateKey: KeyObject): Signer {
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new WatchpostError('WP4113', { detail: `${privateKey.asymmetricKeyType}, not ed25519` });
  }
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const hex = spki.subarray(-RAW_KEY_BYTES).toString('hex');
  const publicKey: PublicKey = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } };
  return { keyId: keyIdOf(publicKey), publicKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

export const newSigner = (): Signer => signerOf(generateKeyPairSync('ed25519').privateKey);

/** A new key and the text of its file. Rejects with WP4403 for too short a passphrase. */
export async function makeSigningKey(
  passphrase: string,
): Promise<{ readonly signer: Signer; readonly text: string }> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { signer: signerOf(privateKey), text: await sealKey(KEY_NAME, pem, passphrase) };
}

/** Rejects with WP4404 for a wrong passphrase or a changed file, WP4113 for what is no signing key. */
export async function openSigningKey(text: string, passphrase: string): Promise<Signer> {
  return signerOf(createPrivateKey(await openKey(text, passphrase)));
}

interface Signable {
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  readonly signed: object;
}

/** The document with one more signature; one that the key has left already is made anew. */
export function signed<Document extends Signable>(document: Document, signer: Signer): Document {
  const sig = signer.sign(canonicalBytes(document.signed)).toString('hex');
  const others = document.signatures.filter(({ keyid }) => keyid !== signer.keyId);
  return { ...document, signatures: [...others, { keyid: signer.keyId, sig }] };
}
