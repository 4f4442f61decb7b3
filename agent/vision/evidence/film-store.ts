import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilmEncoder, StoredFile } from '#agent/ports/vision-evidence.ts';
import { WatchpostError } from '#contract/errors.ts';
import { FILM_PER_SECOND } from './evidence.ts';
import type { FilmTake } from './film.ts';

export interface FilmStoreOptions {
  readonly folder: string;
  readonly encoder: FilmEncoder;
  /** In the name of each film: no two processes give two films one name. */
  readonly mark: string;
}

/** The site takes no larger whole. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Waiting for the encoder; more are given up, since it does not keep up. */
const MAX_WAITING = 4;

/** Writes films into the evidence folder, one after another. A film is whole and synced before it has its name. */
export class FilmStore {
  readonly #options: FilmStoreOptions;
  readonly #closing = new AbortController();
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: FilmStoreOptions) {
    this.#options = options;
  }

  /** Rejects with WP2430, WP2431 (encoder) or WP2432 (too large, too many, cannot be written). */
  store(take: FilmTake): Promise<StoredFile> {
    if (this.#waiting >= MAX_WAITING) {
      return Promise.reject(new WatchpostError('WP2432', { detail: 'too many films at once' }));
    }
    this.#waiting++;
    const stored = this.#last.then(() => this.#write(take)).finally(() => this.#waiting--);
    this.#last = stored.catch(() => undefined);
    return stored;
  }

  /** Ends what is being written; it leaves nothing behind. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }

  async #write(take: FilmTake): Promise<StoredFile> {
    const { folder, encoder, mark } = this.#options;
    const file = `${take.detection.objectId}-film-${mark}${encoder.ending}`;
    const draft = join(folder, `.${file}.part`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await (await open(draft, 'w', 0o600)).close();
      await encoder.encode(rawOf(take), draft, this.#closing.signal);
      const { size } = await stat(draft);
      if (size > MAX_BYTES) throw new WatchpostError('WP2432', { detail: `${size} bytes` });
      const sha256 = await syncedHash(draft);
      await rename(draft, join(folder, file));
      return { file, mediaType: encoder.mediaType, bytes: size, sha256 };
    } catch (cause) {
      // What cannot be removed either is swept away with what is old.
      await rm(draft, { force: true }).catch(() => undefined);
      throw cause instanceof WatchpostError ? cause : new WatchpostError('WP2432', { detail: file, cause });
    }
  }
}

function rawOf(take: FilmTake) {
  const { width, height } = take;
  return {
    width,
    height,
    framesPerSecond: FILM_PER_SECOND,
    *frames() {
      for (const { data } of take.frames()) yield data;
    },
  };
}

async function syncedHash(path: string): Promise<string> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
    return createHash('sha256')
      .update(await file.readFile())
      .digest('hex');
  } finally {
    await file.close();
  }
}
