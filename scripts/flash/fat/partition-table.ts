import { WatchpostError } from '#contract/errors.ts';

const SECTOR_BYTES = 512;
/** The table, the header of a GPT, and its 128 entries. */
export const TABLE_BYTES = 34 * SECTOR_BYTES;

/** Where a file system with a FAT may begin, in bytes from the beginning of the medium. */
export interface FatPlace {
  readonly offset: number;
  /** "partition 1", or "the whole of it" where there is no table. */
  readonly what: string;
}

/** MBR types of FAT12, FAT16, FAT16 LBA, FAT32, FAT32 LBA, and EFI. */
const FAT_TYPES = new Set([0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e, 0xef]);
const PROTECTIVE = 0xee;
const MBR = { entries: 446, entryBytes: 16, count: 4, signature: 510 } as const;
/** GPT types (UEFI 2.10, 5.3.3) whose file system may be a FAT: Microsoft basic data, EFI system; as they lie on the disk. */
const GPT_TYPES = new Set(['a2a0d0ebe5b9334487c068b6b72699c7', '28732ac11ff8d211ba4b00a0c93ec93b']);

/**
 * Finds the first FAT: on a medium without a table, as most sticks have none, or in a partition of an MBR or a GPT.
 * @param begin - the first TABLE_BYTES of the medium, fewer where it ends before
 * @throws WatchpostError WP4305
 */
export function findFat(begin: Buffer): FatPlace {
  if (isFatBoot(begin)) return { offset: 0, what: 'the whole of it' };
  if (begin.length < SECTOR_BYTES || begin.readUInt16LE(MBR.signature) !== 0xaa55) {
    throw new WatchpostError('WP4305', { detail: 'no partitions either' });
  }
  const entries = mbrEntries(begin);
  const found = entries.some(({ type }) => type === PROTECTIVE) ? gptFat(begin) : mbrFat(entries);
  if (found === null) throw new WatchpostError('WP4305', { detail: 'its partitions are of other kinds' });
  return found;
}

/** The fields that every FAT has (Microsoft's specification, 3.1): a sector size, a power of two of sectors, FATs. */
export function isFatBoot(begin: Buffer): boolean {
  if (begin.length < SECTOR_BYTES || begin.readUInt16LE(MBR.signature) !== 0xaa55) return false;
  const [sectorBytes, clusterSectors] = [begin.readUInt16LE(11), begin.readUInt8(13)];
  const [reserved, fats] = [begin.readUInt16LE(14), begin.readUInt8(16)];
  const isPower = (value: number) => value > 0 && (value & (value - 1)) === 0;
  const isSize = sectorBytes >= SECTOR_BYTES && sectorBytes <= 4096 && isPower(sectorBytes);
  return isSize && isPower(clusterSectors) && reserved > 0 && (fats === 1 || fats === 2);
}

interface MbrEntry {
  readonly number: number;
  readonly type: number;
  readonly firstSector: number;
}

function mbrEntries(begin: Buffer): readonly MbrEntry[] {
  return Array.from({ length: MBR.count }, (_, index) => {
    const at = MBR.entries + index * MBR.entryBytes;
    return { number: index + 1, type: begin.readUInt8(at + 4), firstSector: begin.readUInt32LE(at + 8) };
  });
}

function mbrFat(entries: readonly MbrEntry[]): FatPlace | null {
  const found = entries.find(({ type, firstSector }) => FAT_TYPES.has(type) && firstSector > 0);
  return found === undefined
    ? null
    : { offset: found.firstSector * SECTOR_BYTES, what: `partition ${found.number}` };
}

/** UEFI 2.10, 5.3: header in sector 1, its entries where it says; we look at those within reach. */
function gptFat(begin: Buffer): FatPlace | null {
  const header = begin.subarray(SECTOR_BYTES, 2 * SECTOR_BYTES);
  if (header.length < SECTOR_BYTES || header.toString('latin1', 0, 8) !== 'EFI PART') return null;
  const at = Number(header.readBigUInt64LE(72)) * SECTOR_BYTES;
  const [count, size] = [header.readUInt32LE(80), header.readUInt32LE(84)];
  for (let index = 0; index < count && at + (index + 1) * size <= begin.length; index += 1) {
    const entry = begin.subarray(at + index * size, at + (index + 1) * size);
    if (entry.length < 48 || !GPT_TYPES.has(entry.toString('hex', 0, 16))) continue;
    return { offset: Number(entry.readBigUInt64LE(32)) * SECTOR_BYTES, what: `partition ${index + 1}` };
  }
  return null;
}
