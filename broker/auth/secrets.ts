import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Turns } from './turns.ts';

/** An unguessable string of 256 bits; the prefix tells scanners of leaked secrets what it is. */
export const newSecret = (prefix: string): string => `${prefix}${randomBytes(32).toString('base64url')}`;

/** How secrets of ours are kept: they have 256 bits, so one round suffices. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url: how passwords, which people choose, are kept. */
export const SCRYPT_PATTERN = /^scrypt\$(\d{4,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,88})\$([\w-]{43,86})$/;

const COST = { N: 32_768, r: 8, p: 1 } as const;
const HASH_BYTES = 32;
/**
 * Each takes 32 MiB and a thread of libuv's pool of four for 0.4 s (docs/access.md); the same threads read evidence from disk.
 * Whoever would wait behind 32 others is told to come again.
 */
const turns = new Turns(2, 32);

/** A hash that no password has: checking against it takes as long as against one that somebody has. */
export const NOBODYS_HASH = `scrypt$${COST.N}$${COST.r}$${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Rejects with WP3363 when too many passwords are being looked at. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, { ...COST, bytes: HASH_BYTES });
  const { N, r, p } = COST;
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/**
 * False also for a hash that cannot be read; takes the same time whichever byte differs. Rejects with WP3363 when too
 * many passwords are being looked at.
 */
export async function checkPassword(password: string, kept: string): Promise<boolean> {
  const [, N, r, p, salt, hash] = SCRYPT_PATTERN.exec(kept) ?? [];
  if (salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64url');
  const cost = { N: Number(N), r: Number(r), p: Number(p), bytes: expected.length };
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url'), cost), expected);
}

function derive(
  password: string,
  salt: Buffer,
  { bytes, ...cost }: { N: number; r: number; p: number; bytes: number },
): Promise<Buffer> {
  const options = { ...cost, maxmem: 256 * cost.N * cost.r };
  // One keyboard types a full-width digit where another types a plain one (NIST SP 800-63B, 5.1.1.2).
  const typed = password.normalize('NFKC');
  return turns.take(
    () =>
      new Promise((resolve, reject) => {
        scrypt(typed, salt, bytes, options, (error, key) => (error === null ? resolve(key) : reject(error)));
      }),
  );
}
