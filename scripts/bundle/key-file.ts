import { readFileSync } from 'node:fs';
import { canonicalBytes } from '#contract/bundle/canonical.ts';
import { PublicKey } from '#contract/bundle/metadata.ts';
import { WatchpostError } from '#contract/errors.ts';
import { PUBLIC_MODE, replaceFile, SECRET_MODE } from '../site-authority/durable-file.ts';
import { refuseExisting } from './bundle-file.ts';
import { makeSigningKey, openSigningKey, type Signer } from './signer.ts';

export interface PassphraseOption {
  readonly passphraseFile?: string;
}

/** From the file that is named, or from WATCHPOST_PASSPHRASE: never from an argument, which others can see. */
export function passphraseOf({ passphraseFile }: PassphraseOption): string {
  if (passphraseFile !== undefined) return textOf(passphraseFile).replace(/\r?\n$/, '');
  const passphrase = process.env.WATCHPOST_PASSPHRASE;
  if (passphrase === undefined || passphrase === '') {
    throw new WatchpostError('WP4113', { detail: 'no passphrase was given' });
  }
  return passphrase;
}

/** Leaves `NAME.key` (sealed) and `NAME.pub`. Rejects with WP4115 where one is there, WP4403 for a short passphrase. */
export async function writeSigningKey(path: string, passphrase: string): Promise<string> {
  const [secretFile, publicFile] = [`${path}.key`, `${path}.pub`];
  await refuseExisting(secretFile);
  await refuseExisting(publicFile);
  const { signer, text } = await makeSigningKey(passphrase);
  replaceFile(secretFile, text, SECRET_MODE);
  replaceFile(publicFile, `${canonicalBytes(signer.publicKey).toString('utf8')}\n`, PUBLIC_MODE);
  return signer.keyId;
}

/** Rejects with WP4113 or WP4404. */
export const readSigningKey = (file: string, options: PassphraseOption): Promise<Signer> =>
  openSigningKey(textOf(file), passphraseOf(options));

/** Throws WP4113 for a file that is no public key. */
export function readPublicKey(file: string): PublicKey {
  const text = textOf(file);
  try {
    return PublicKey.parse(JSON.parse(text));
  } catch (cause) {
    throw new WatchpostError('WP4113', { detail: `${file} is no public key (NAME.pub)`, cause });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WatchpostError('WP4113', { detail: `${file} cannot be read`, cause });
  }
}
