import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { canonicalBytes } from '#contract/bundle/canonical.ts';
import type { PublicKey } from '#contract/bundle/metadata.ts';
import { WatchpostError } from '#contract/errors.ts';
import {
  checkChain,
  type RootChain,
  readChain,
  unsignedRoot,
  withRootSignature,
} from '../bundle/root-chain.ts';
import { makeSigningKey, type Signer, signerOf } from '../bundle/signer.ts';
import { DAY_MS } from './dates.ts';
import { PUBLIC_MODE, replaceFile, SECRET_MODE } from './durable-file.ts';
import { readSecret, siteFile } from './site-files.ts';

/** TUF 1.0, 6.1: a root lives long, for it takes a passphrase and a visit of every device to exchange it. */
const ROOT_DAYS = 1_826;

export interface NewBundleKeys {
  readonly dir: string;
  /** Seals the key of the root. */
  readonly passphrase: string;
  /** Others who may sign, beside the site's own key. */
  readonly signers: readonly PublicKey[];
  /** How many of all must sign. */
  readonly threshold: number;
  readonly nowMs: number;
}

/**
 * Makes the keys of a site's bundles: the root's, sealed, which exchanges the others; the site's own, which signs; and
 * the first root, signed. Rejects with WP4114 where the threshold is more than there are keys, WP4403.
 */
export async function makeBundleKeys(wanted: NewBundleKeys): Promise<void> {
  const { dir, passphrase, signers, threshold, nowMs } = wanted;
  const { signer: root, text } = await makeSigningKey(passphrase);
  const { privateKey } = generateKeyPairSync('ed25519');
  const targets = { keys: [signerOf(privateKey).publicKey, ...signers], threshold };
  const expiresMs = nowMs + ROOT_DAYS * DAY_MS;
  const first = unsignedRoot(1, { root: { keys: [root.publicKey], threshold: 1 }, targets, expiresMs });
  const chain = withRootSignature({ roots: [first] }, root);
  checkChain(chain);
  replaceFile(siteFile(dir, 'bundleRootKey'), text, SECRET_MODE);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  replaceFile(siteFile(dir, 'signingKey'), pem, SECRET_MODE);
  replaceFile(siteFile(dir, 'bundleRoot'), textOf(chain), PUBLIC_MODE);
  publishBundleRoot(dir);
}

/** Has the broker know who may sign, as the site knows it. */
export function publishBundleRoot(dir: string): void {
  const text = readFileSync(siteFile(dir, 'bundleRoot'), 'utf8');
  const copy = siteFile(dir, 'brokerBundleRoot');
  if (!existsSync(copy) || readFileSync(copy, 'utf8') !== text) replaceFile(copy, text, PUBLIC_MODE);
}

/** Throws WP4416 for a site that was made without, and what is wrong with a root that is not in force. */
export function readBundleRoot(dir: string): RootChain {
  const file = siteFile(dir, 'bundleRoot');
  if (!existsSync(file)) throw new WatchpostError('WP4416', { detail: file });
  const chain = readChain(file);
  checkChain(chain);
  return chain;
}

/** The site's own signing key; null where it is kept elsewhere. Throws WP4412 where others may read it, WP4113. */
export function readSigner(dir: string): Signer | null {
  const file = siteFile(dir, 'signingKey');
  if (!existsSync(file)) return null;
  const pem = readSecret(file);
  try {
    return signerOf(createPrivateKey(pem));
  } catch (cause) {
    throw new WatchpostError('WP4113', { detail: file, cause });
  }
}

const textOf = (chain: RootChain): string => `${canonicalBytes(chain).toString('utf8')}\n`;
