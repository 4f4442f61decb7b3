import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import type { SlotDisk } from './slot-disk.ts';

const PIECE_BYTES = 256 * 1024;
/** WebAssembly hands out memory in pages of this size. */
const PAGE_BYTES = 64 * 1024;
/** Of the device alone: a profile names its lines, a root whom it trusts. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Told of every piece: how many bytes were handed to the file system, or came back from the medium. */
export type OnBytes = (way: 'write' | 'read-back', bytes: number) => void;

/** The slots in a folder of the device's own file system. */
export class FileDisk implements SlotDisk {
  readonly #dir: string;
  readonly #onBytes: OnBytes;

  constructor(dir: string, onBytes: OnBytes = () => undefined) {
    this.#dir = dir;
    this.#onBytes = onBytes;
  }

  async files(folder: string): Promise<readonly string[]> {
    const top = join(this.#dir, folder);
    const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch(noneIfAbsent);
    return entries
      .filter((entry) => !entry.isDirectory())
      .map(({ parentPath, name }) => relative(top, join(parentPath, name)));
  }

  async makeFolder(path: string): Promise<void> {
    await this.#refuseLinks(path);
    await mkdir(join(this.#dir, path), { recursive: true, mode: FOLDER_MODE });
  }

  async write(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#with(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, (file) =>
      file.writeFile(this.#counted('write', content)),
    );
  }

  async overwrite(path: string, bytes: Uint8Array): Promise<void> {
    await this.#with(path, constants.O_WRONLY, async (file) => {
      await file.write(bytes, 0, bytes.length, 0);
      await file.datasync();
    });
  }

  async *read(path: string): AsyncIterable<Uint8Array> {
    const file = await open(join(this.#dir, path), constants.O_RDONLY);
    try {
      yield* piecesOf(file, Buffer.allocUnsafe(PIECE_BYTES));
    } finally {
      await file.close();
    }
  }

  /** Past the kernel's cache (O_DIRECT) where the file system can, else through it. A reader's own cache is beyond us. */
  async *readBack(path: string): AsyncIterable<Uint8Array> {
    yield* this.#counted('read-back', this.#pastCache(path));
  }

  async remove(path: string): Promise<void> {
    await this.#refuseLinks(dirname(path));
    await rm(join(this.#dir, path), { force: true });
  }

  async sync(path: string): Promise<void> {
    await this.#with(path, constants.O_RDONLY, (file) => file.sync());
  }

  async syncFolder(path: string): Promise<void> {
    await this.#with(path, constants.O_RDONLY | constants.O_DIRECTORY, (file) => file.sync());
  }

  async *#pastCache(path: string): AsyncIterable<Uint8Array> {
    const file = await openDirect(join(this.#dir, path));
    if (file === null) {
      yield* this.read(path);
      return;
    }
    try {
      yield* piecesOf(file, alignedBuffer());
    } finally {
      await file.close();
    }
  }

  async *#counted(way: 'write' | 'read-back', pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const piece of pieces) {
      this.#onBytes(way, piece.length);
      yield piece;
    }
  }

  async #with<T>(path: string, flags: number, use: (file: FileHandle) => Promise<T>): Promise<T> {
    await this.#refuseLinks(dirname(path));
    const file = await open(join(this.#dir, path), flags | constants.O_NOFOLLOW, FILE_MODE).catch(
      saidOfLink(path),
    );
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  /** A card is flashed by root: whoever prepared it must not choose by a link what root writes over. */
  async #refuseLinks(path: string): Promise<void> {
    for (let at = path; at !== '.' && at !== ''; at = dirname(at)) {
      const found = await lstat(join(this.#dir, at)).catch(noneIfAbsent);
      if ('isSymbolicLink' in found && found.isSymbolicLink()) throw linkError(at);
    }
  }
}

const linkError = (path: string) => new WatchpostError('WP4223', { detail: path });

/** O_NOFOLLOW (open(2)): ELOOP where the last name is a link. */
function saidOfLink(path: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') throw linkError(path);
    throw error;
  };
}

async function* piecesOf(file: FileHandle, buffer: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Null where the file system has no direct reading (open(2): EINVAL), as one in memory. */
async function openDirect(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_DIRECT);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EINVAL') return null;
    throw error;
  }
}

/** O_DIRECT takes only memory that begins at a page, which Buffer.alloc does not give: EINVAL. */
function alignedBuffer(): Uint8Array {
  const pages = PIECE_BYTES / PAGE_BYTES;
  return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
}

function noneIfAbsent(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
