import { readFile } from 'node:fs/promises';
import { WatchpostError } from '#contract/errors.ts';

/** The number in one file of the kernel. Rejects with WP2362 without such a file and WP2363 when it gives no number. */
export async function readNumber(file: string): Promise<number> {
  const text = (await readText(file)).trim();
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  throw new WatchpostError('WP2363', { detail: `${file}: ${JSON.stringify(text.slice(0, 40))}` });
}

/** The number in a file that may be missing. */
export async function readOptional(file: string): Promise<number | null> {
  try {
    return await readNumber(file);
  } catch (cause) {
    if (cause instanceof WatchpostError && cause.code === 'WP2362') return null;
    throw cause;
  }
}

/** A chip that does not answer on its bus is an error of the read itself (EIO, ENXIO, ETIMEDOUT). */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const missing = ['ENOENT', 'ENOTDIR', 'ENODEV'].includes(code);
    throw new WatchpostError(missing ? 'WP2362' : 'WP2363', { detail: `${file}: ${code}`, cause });
  }
}
