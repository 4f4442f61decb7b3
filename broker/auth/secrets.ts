import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** An unguessable string of 256 bits; the prefix tells scanners of leaked secrets what it is. */
export const newSecret = (prefix: string): string => `${prefix}${randomBytes(32).toString('base64url')}`;

/** How secrets of ours are kept: they have 256 bits, so one round suffices. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url: how passwords, which people choose, are kept. */
export const SCRYPT_PATTERN = /^scrypt\$(\d{4,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,88})\$([\w-]{43,86})$/;

const COST = { N: 32_768, r: 8, p: 1 } as const;
const HASH_BYTES = 32;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, { ...COST, bytes: HASH_BYTES });
  const { N, r, p } = COST;
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** False also for a hash that cannot be read; takes the same time whichever byte differs. */
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
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
