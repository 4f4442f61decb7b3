import { copyFile, open } from 'node:fs/promises';

/** Copies, and has the copy on the disk. */
export async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await syncPath(to);
}

/** Has a file, or the names in a folder, on the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
