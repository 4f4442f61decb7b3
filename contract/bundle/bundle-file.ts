import { type FileHandle, open } from 'node:fs/promises';
import { WatchpostError } from '../errors.ts';
import type { BundleReader } from './layout.ts';

/** A bundle that is a file, open while `use` runs. Rejects with WP4101 where it cannot be opened. */
export async function withBundleFile<T>(file: string, use: (reader: BundleReader) => Promise<T>): Promise<T> {
  const handle = await opened(file);
  try {
    const { size } = await handle.stat();
    return await use({ size, read: (at, length) => readAt(handle, at, length) });
  } finally {
    await handle.close();
  }
}

async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new WatchpostError('WP4101', { detail: `${file} cannot be opened`, cause });
  }
}

async function readAt(handle: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
