/**
 * Where the slots lie, as a disk really is: what was written may be lost, or half of it, until it was synced; so may
 * names, until their folder was. Paths are relative, with `/`. Rejects with what the disk says.
 */
export interface SlotDisk {
  /** The files below a folder, as paths within it; none where there is no such folder. */
  files(folder: string): Promise<readonly string[]>;
  /** With those above it. What is there stays. */
  makeFolder(path: string): Promise<void>;
  /** Makes the file if need be, with this content and no other. */
  write(path: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Writes over the beginning of a file that is there, and has it on the medium when it answers. */
  overwrite(path: string, bytes: Uint8Array): Promise<void>;
  /** Fails where there is no such file. */
  read(path: string): AsyncIterable<Uint8Array>;
  /** As `read`, from the medium and not from memory, as far as the file system can. */
  readBack(path: string): AsyncIterable<Uint8Array>;
  /** What is absent already is no error. */
  remove(path: string): Promise<void>;
  /** Has the content of a file on the medium. */
  sync(path: string): Promise<void>;
  /** Has the names in a folder on the medium. */
  syncFolder(path: string): Promise<void>;
}

/** The whole of a small file; null where it cannot be read. */
export async function readWhole(disk: SlotDisk, path: string): Promise<Buffer | null> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of disk.read(path)) pieces.push(piece);
    return Buffer.concat(pieces);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

export async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
