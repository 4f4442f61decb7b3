import { createHash } from 'node:crypto';
import * as z from 'zod';

export const SLOTS = ['a', 'b'] as const;
export type Slot = (typeof SLOTS)[number];
export const otherThan = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const Generation = z.int().min(1).max(2_147_483_647);

/** Of a first bundle, which has nothing behind it, no more are counted. */
export const MOST_STARTS = 99;

const SlotEntry = z.strictObject({
  generation: Generation,
  /** Of the signed list of parts, which lies beside them. */
  digest: Digest,
  /** It was confirmed once: it may be fallen back to. */
  proven: z.boolean(),
});
export type SlotEntry = z.infer<typeof SlotEntry>;

const Rejection = z.strictObject({
  generation: Generation,
  code: z.string().regex(/^WP\d{4}$/),
  /** In which state it was noted, so that each is told once. */
  rev: z.int().min(0),
});
export type Rejection = z.infer<typeof Rejection>;

/** What a device knows of its two slots. Null in `slots`: nothing that may run. */
export const SlotState = z.strictObject({
  /** Counts up at every write; of two copies the higher is what holds. */
  rev: z.int().min(0),
  confirmed: z.enum(SLOTS).nullable(),
  /** The newest ever confirmed: nothing older is installed. */
  floor: z.strictObject({ generation: Generation, digest: Digest }).nullable(),
  trial: z
    .strictObject({
      slot: z.enum(SLOTS),
      starts: z.int().min(0).max(MOST_STARTS),
      /** Starts that ended by a fault of their own. */
      faults: z.int().min(0).max(MOST_STARTS),
      /** Its first start in this boot, by the clock that counts from boot. */
      since: z.strictObject({ boot: z.string().max(64), ms: z.int().min(0) }).nullable(),
    })
    .nullable(),
  slots: z.strictObject({ a: SlotEntry.nullable(), b: SlotEntry.nullable() }),
  /** What was rejected last, until the next one is confirmed. */
  last: Rejection.nullable(),
  /** The newest root that is trusted, by the name of its file and its hash. */
  root: z.strictObject({ version: Generation, digest: Digest }),
});
export type SlotState = z.infer<typeof SlotState>;

/** Two sectors of 512 bytes, one page of no flash: a torn write shows by its hash. */
export const SUPERBLOCK_BYTES = 1024;
const MAGIC = 'WPS1';
const HASH_BYTES = 32;
const BODY_AT = MAGIC.length + 2;

/** Magic, length (2 bytes, the higher first), JSON, zeros, SHA-256 of all before. */
export function encodeSuperblock(state: SlotState): Buffer {
  const block = Buffer.alloc(SUPERBLOCK_BYTES);
  const json = Buffer.from(JSON.stringify(state), 'utf8');
  block.write(MAGIC, 'latin1');
  block.writeUInt16BE(json.length, MAGIC.length);
  json.copy(block, BODY_AT);
  hashOf(block).copy(block, SUPERBLOCK_BYTES - HASH_BYTES);
  return block;
}

/** Null for what is torn, damaged or none. */
export function decodeSuperblock(block: Buffer): SlotState | null {
  if (block.length !== SUPERBLOCK_BYTES || block.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  if (!hashOf(block).equals(block.subarray(SUPERBLOCK_BYTES - HASH_BYTES))) return null;
  const length = block.readUInt16BE(MAGIC.length);
  const parsed = SlotState.safeParse(JSON.parse(block.toString('utf8', BODY_AT, BODY_AT + length)));
  return parsed.success ? parsed.data : null;
}

const hashOf = (block: Buffer): Buffer =>
  createHash('sha256')
    .update(block.subarray(0, SUPERBLOCK_BYTES - HASH_BYTES))
    .digest();
