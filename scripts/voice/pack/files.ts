import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { WatchpostError } from '#contract/errors.ts';

/** One file of a voice pack. */
export interface PackFile {
  /** Below the top of the pack, with `/`. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** 30 s of 48 kHz are 2.9 MB. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_BYTES_IN_ALL = 256 * 1024 * 1024;
/** Sixteen languages of all prompts, and whatever is filed beside them. */
const MOST_FILES = 2000;

/**
 * The files of a voice pack, a folder or a zip, one at a time, so that one clip at most is in memory. Throws WP2541 for
 * what is neither, for links, for paths that lead out, and for more files or bytes than a pack can have: an archive is
 * refused by what it declares, before anything is unpacked.
 */
export async function* packFiles(source: string): AsyncGenerator<PackFile> {
  const kind = await lstat(source).catch((cause: unknown) => {
    throw new WatchpostError('WP2541', { detail: source, cause });
  });
  const budget = new Budget(source);
  if (kind.isDirectory()) yield* folderFiles(source, budget);
  else yield* zipFiles(source, budget);
}

class Budget {
  readonly #source: string;
  #files = 0;
  #bytes = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Throws WP2541 when this file is one too many. */
  take(path: string, bytes: number): void {
    this.#files += 1;
    this.#bytes += bytes;
    if (bytes > MOST_BYTES)
      throw this.refused(`${path} has ${bytes} bytes; a clip has ${MOST_BYTES} at most`);
    if (this.#files > MOST_FILES) throw this.refused(`more than ${MOST_FILES} files`);
    if (this.#bytes > MOST_BYTES_IN_ALL) throw this.refused(`more than ${MOST_BYTES_IN_ALL} bytes in all`);
  }

  refused(what: string, cause?: unknown): WatchpostError {
    return new WatchpostError('WP2541', { detail: `${this.#source}: ${what}`, cause });
  }
}

async function* folderFiles(top: string, budget: Budget, folder = top): AsyncGenerator<PackFile> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = join(folder, entry.name);
    const path = relative(top, file).replaceAll(sep, '/');
    if (entry.isDirectory()) yield* folderFiles(top, budget, file);
    else if (!entry.isFile()) throw budget.refused(`${path} is a link or not a file`);
    else {
      budget.take(path, (await lstat(file)).size);
      yield { path, bytes: await readFile(file) };
    }
  }
}

const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;

async function* zipFiles(source: string, budget: Budget): AsyncGenerator<PackFile> {
  const { openPromise } = await import('yauzl');
  const refused = (cause: unknown) =>
    cause instanceof WatchpostError ? cause : budget.refused('is neither a folder nor a sound zip', cause);
  const zip = await openPromise(source, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw refused(cause);
  });
  try {
    if (zip.entryCount > MOST_FILES) throw budget.refused(`more than ${MOST_FILES} files`);
    for await (const entry of zip.eachEntry()) {
      const { fileName: path, uncompressedSize, externalFileAttributes } = entry;
      const type = (externalFileAttributes >>> 16) & FILE_TYPE;
      if (path.endsWith('/')) continue;
      if (type !== 0 && type !== REGULAR_FILE) throw budget.refused(`${path} is a link or not a file`);
      budget.take(path, uncompressedSize);
      yield { path, bytes: await buffer(await zip.openReadStreamPromise(entry)) };
    }
  } catch (cause) {
    throw refused(cause);
  } finally {
    zip.close();
  }
}
