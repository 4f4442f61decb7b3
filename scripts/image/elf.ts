/** What the dynamic section of an ELF file asks for (System V ABI, chapter 5, "Dynamic Section"). */
export interface Needs {
  /** Names of shared libraries, as `libc.so.6`. */
  readonly libraries: readonly string[];
  /** Folders that are searched before the usual ones; may hold $ORIGIN. */
  readonly searched: readonly string[];
}

const MAGIC = 0x7f454c46;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_RPATH = 15n;
const DT_RUNPATH = 29n;
const ENTRY_BYTES = 16;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly bytes: number;
}

/** Null for what is no 64-bit little-endian ELF file: scripts, data, programs of other machines. */
export function needsOf(file: Buffer): Needs | null {
  if (file.length < 64 || file.readUInt32BE(0) !== MAGIC) return null;
  if (file[4] !== CLASS_64 || file[5] !== LITTLE_ENDIAN) return null;
  const segments = segmentsOf(file);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return { libraries: [], searched: [] };
  const entries = entriesOf(file.subarray(dynamic.offset, dynamic.offset + dynamic.bytes));
  const table = entries.find(([tag]) => tag === DT_STRTAB)?.[1] ?? 0n;
  const start = offsetOf(table, segments);
  const texts = (...wanted: bigint[]) =>
    entries.filter(([tag]) => wanted.includes(tag)).map(([, value]) => textAt(file, start + Number(value)));
  return {
    libraries: texts(DT_NEEDED),
    searched: texts(DT_RPATH, DT_RUNPATH).flatMap((path) => path.split(':')),
  };
}

function segmentsOf(file: Buffer): Segment[] {
  const table = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = table + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: file.readBigUInt64LE(at + 16),
      bytes: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function entriesOf(dynamic: Buffer): [tag: bigint, value: bigint][] {
  const entries: [bigint, bigint][] = [];
  for (let at = 0; at + ENTRY_BYTES <= dynamic.length; at += ENTRY_BYTES)
    entries.push([dynamic.readBigUInt64LE(at), dynamic.readBigUInt64LE(at + 8)]);
  return entries;
}

/** Where in the file the loader finds what it puts at `address`. */
function offsetOf(address: bigint, segments: readonly Segment[]): number {
  const holds = segments.find(
    (segment) =>
      segment.type === PT_LOAD &&
      address >= segment.address &&
      address < segment.address + BigInt(segment.bytes),
  );
  return holds === undefined ? 0 : holds.offset + Number(address - holds.address);
}

const textAt = (file: Buffer, at: number): string => file.toString('utf8', at, file.indexOf(0, at));
