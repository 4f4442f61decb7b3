import { readFile, stat } from 'node:fs/promises';
import { WatchpostError } from '#contract/errors.ts';

/** Far above what runs on a small board; more is not a model for this. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The bytes of a model or of its weights. Throws WP2451. */
export async function readModelFile(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new WatchpostError('WP2451', { detail: `${file} has ${size} bytes` });
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof WatchpostError) throw cause;
    throw new WatchpostError('WP2451', { detail: messageOf(cause), cause });
  }
}

/** What to say of an error of a package that is not ours. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, 300);
}
