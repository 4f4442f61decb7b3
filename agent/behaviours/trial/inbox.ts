import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { InstallOutcome } from '#agent/ports/installation.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { Cancel, Clock } from '#contract/clock.ts';
import { BUNDLE_BLOB_PATTERN } from '#contract/fetch.ts';
import type { Log } from '#contract/log.ts';

export interface InboxParts {
  /** The device's own, and further ones, such as a mounted boot partition. */
  readonly folders: readonly string[];
  /** False during a trial, when nothing can be installed. */
  readonly isOpen: () => boolean;
  /** Installs the newest of them. */
  readonly take: (files: readonly string[]) => Promise<InstallOutcome>;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 5_000;
const SEEN = 'slots.inbox';
const SUFFIX = /\.wpb$/i;

/** By file: size and time of what was dealt with. */
const Seen = z.record(z.string(), z.string());

/**
 * Bundles that somebody has put into a folder. Each is dealt with once, whatever became of it, until it is another; one
 * that is still being copied is left until it has stood still from one look to the next.
 */
export class Inbox {
  readonly #parts: InboxParts;
  readonly #standing = new Map<string, string>();
  #stop: Cancel | null = null;
  #looking: Promise<void> | null = null;

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stop ??= this.#parts.clock.every(LOOK_EVERY_MS, () => void this.look());
    void this.look();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#stop?.();
    this.#stop = null;
    await this.#looking;
  }

  /** Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((cause) => this.#parts.log.warn({ err: cause }, 'inbox.not-looked-at'))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { memory, take, folders, isOpen } = this.#parts;
    if (!isOpen()) return;
    const found = await bundlesIn(folders);
    const seen = Seen.catch({}).parse(memory.get(SEEN) ?? {});
    const news = [...found].filter(
      ([file, mark]) => seen[file] !== mark && this.#standing.get(file) === mark,
    );
    this.#standing.clear();
    for (const [file, mark] of found) this.#standing.set(file, mark);
    if (news.length === 0) return;
    // Before anything is done with it: what brings the device down is not taken up again at each start.
    const stillThere = Object.entries(seen).filter(([file]) => found.has(file));
    memory.set(SEEN, Object.fromEntries([...stillThere, ...news]));
    const outcome = await take(news.map(([file]) => file));
    if (!outcome.ok && isForLater(outcome.code)) memory.set(SEEN, Object.fromEntries(stillThere));
  }
}

/** A trial is under way, or somebody else writes. */
const isForLater = (code: string): boolean => code === 'WP4203' || code === 'WP4210';

/** With a mark that changes when the file does. What the site has sent waits for its word. */
export async function bundlesIn(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      const isSent = BUNDLE_BLOB_PATTERN.test(name.replace(SUFFIX, ''));
      if (!SUFFIX.test(name) || name.startsWith('.') || isSent) continue;
      const file = join(folder, name);
      const facts = await stat(file).catch(() => null); // It was taken away again.
      if (facts?.isFile() === true) found.set(file, `${facts.size} ${Math.floor(facts.mtimeMs)}`);
    }
  }
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // A stick that is not in.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
