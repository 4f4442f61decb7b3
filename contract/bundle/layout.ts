import * as z from 'zod';
import { WatchpostError } from '../errors.ts';
import { canonicalBytes } from './canonical.ts';
import { MAX_CONTENT_BYTES, RootDocument, TargetsDocument } from './metadata.ts';

/**
 * `WPB1`, a line feed, the length of the trust part (4 bytes, the highest first), the trust part, then the parts one
 * after another in the order of their names, and nothing after them. See docs/bundle.md.
 */
export const MAGIC = 'WPB1\n';
export const HEAD_BYTES = MAGIC.length + 4;
/** Room for the roots and for thousands of parts; read into memory before anything is verified. */
export const MAX_TRUST_BYTES = 1024 * 1024;
/** A root is exchanged every few years, or when a key is lost. */
const MAX_ROOTS = 64;
export const MAX_BUNDLE_BYTES = HEAD_BYTES + MAX_TRUST_BYTES + MAX_CONTENT_BYTES;

export const TrustPart = z.strictObject({
  /** All of the site, from root 1 to the newest, so that a device that was away for years can follow. */
  roots: z.array(RootDocument).max(MAX_ROOTS),
  targets: TargetsDocument,
});
export type TrustPart = z.infer<typeof TrustPart>;

/** A bundle somewhere: a file, a card, bytes in memory. */
export interface BundleReader {
  readonly size: number;
  /** Exactly `length` bytes from `at`, fewer only where the end is before. */
  read(at: number, length: number): Promise<Uint8Array>;
}

export interface BundleHead {
  readonly trust: TrustPart;
  /** Where the first part begins. */
  readonly contentAt: number;
}

/**
 * Reads what comes before the content. Nothing in it is trusted yet.
 * @throws WatchpostError WP4101 not a bundle or cut off, WP4111 too large, WP4112 a newer format
 */
export async function readHead(reader: BundleReader): Promise<BundleHead> {
  if (reader.size > MAX_BUNDLE_BYTES) throw new WatchpostError('WP4111', { detail: `${reader.size} bytes` });
  const head = Buffer.from(await reader.read(0, HEAD_BYTES));
  refuseOther(head);
  const length = head.readUInt32BE(MAGIC.length);
  if (length > MAX_TRUST_BYTES)
    throw new WatchpostError('WP4111', { detail: `signed part: ${length} bytes` });
  const bytes = Buffer.from(await reader.read(HEAD_BYTES, length));
  if (bytes.length < length) throw new WatchpostError('WP4101', { detail: 'it ends in the signed part' });
  return { trust: readTrust(bytes), contentAt: HEAD_BYTES + length };
}

function refuseOther(head: Buffer): void {
  const magic = head.subarray(0, MAGIC.length).toString('latin1');
  if (head.length === HEAD_BYTES && magic === MAGIC) return;
  if (/^WPB[2-9]\n/.test(magic)) throw new WatchpostError('WP4112', { detail: magic.trim() });
  throw new WatchpostError('WP4101', { detail: 'it does not begin as one' });
}

/** Whatever is not written as we write it is refused: a signature covers what is read, not how it was spelt. */
function readTrust(bytes: Buffer): TrustPart {
  const trust = parsed(bytes);
  if (!canonicalBytes(trust).equals(bytes)) {
    throw new WatchpostError('WP4101', { detail: 'the signed part is not in its one form' });
  }
  return trust;
}

function parsed(bytes: Buffer): TrustPart {
  try {
    return TrustPart.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const detail =
      issue === undefined ? 'the signed part is not JSON' : `${issue.path.join('.')}: ${issue.message}`;
    throw new WatchpostError('WP4101', { detail, cause });
  }
}

/** Everything up to the content. */
export function encodeHead(trust: TrustPart): Buffer {
  const body = canonicalBytes(trust);
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, 'latin1');
  head.writeUInt32BE(body.length, MAGIC.length);
  return Buffer.concat([head, body]);
}

/** A bundle in memory. */
export function readerOf(bytes: Uint8Array): BundleReader {
  return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) };
}
