import { argon2, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';

const deriveArgon2 = promisify(argon2);

/** The second choice of RFC 9106 §4: Argon2id with 64 MiB and 3 passes, here with one lane. */
const COST = { memoryKiB: 65_536, passes: 3, lanes: 1 } as const;
/** What a file may ask of this machine at most: it decides how much memory reading it takes. */
const MOST = { memoryKiB: 1_048_576, passes: 16, lanes: 8 } as const;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** NIST SP 800-38D §8.2: 96 bits; every sealing has a salt of its own, hence a key of its own. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of a passphrase, in characters. */
const PASSPHRASE_LENGTH = 12;

const Base64 = z.base64().min(1).max(10_000);
const SealedKey = z.strictObject({
  format: z.literal(1),
  /** What the key is for; it is authenticated with it. */
  name: z.string().max(100),
  kdf: z.literal('argon2id'),
  memoryKiB: z.int().min(8).max(MOST.memoryKiB),
  passes: z.int().min(1).max(MOST.passes),
  lanes: z.int().min(1).max(MOST.lanes),
  salt: Base64,
  cipher: z.literal('aes-256-gcm'),
  nonce: Base64,
  tag: Base64,
  content: Base64,
});
type SealedKey = z.infer<typeof SealedKey>;

/**
 * Encrypts a key (PEM) under a passphrase: Argon2id (RFC 9106) and AES-256-GCM. Answers JSON text.
 * Rejects with WP4403 where the passphrase is too short.
 */
export async function sealKey(name: string, pem: string, passphrase: string): Promise<string> {
  requirePassphrase(passphrase);
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, salt, COST), nonce);
  cipher.setAAD(Buffer.from(name));
  const content = Buffer.concat([cipher.update(pem, 'utf8'), cipher.final()]);
  const sealed: SealedKey = {
    ...{ format: 1, name, kdf: 'argon2id', ...COST, salt: salt.toString('base64') },
    ...{ cipher: 'aes-256-gcm', nonce: nonce.toString('base64') },
    ...{ tag: cipher.getAuthTag().toString('base64'), content: content.toString('base64') },
  };
  return `${JSON.stringify(sealed, null, 2)}\n`;
}

/** Throws WP4403. */
export function requirePassphrase(passphrase: string): void {
  if ([...passphrase.normalize('NFKC')].length < PASSPHRASE_LENGTH) throw new WatchpostError('WP4403');
}

/** The key in PEM. Rejects with WP4404 where the passphrase is wrong or a bit of the file was changed. */
export async function openKey(text: string, passphrase: string): Promise<string> {
  const sealed = readSealed(text);
  const key = await derive(passphrase, Buffer.from(sealed.salt, 'base64'), sealed);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'base64'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(sealed.name)).setAuthTag(Buffer.from(sealed.tag, 'base64'));
    return decipher.update(sealed.content, 'base64', 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw new WatchpostError('WP4404', { detail: sealed.name, cause });
  }
}

function readSealed(text: string): SealedKey {
  try {
    return SealedKey.parse(JSON.parse(text));
  } catch (cause) {
    throw new WatchpostError('WP4404', { detail: 'not a sealed key', cause });
  }
}

type Cost = Pick<SealedKey, 'memoryKiB' | 'passes' | 'lanes'>;

/** The same passphrase, however the keyboard composes its letters. */
function derive(passphrase: string, nonce: Buffer, { memoryKiB, passes, lanes }: Cost): Promise<Buffer> {
  const message = passphrase.normalize('NFKC');
  return deriveArgon2('argon2id', {
    ...{ message, nonce, memory: memoryKiB, passes, parallelism: lanes, tagLength: KEY_BYTES },
  });
}
