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
  /** Five seconds when absent: as long as a file must have stood still. */
  readonly lookEveryMs?: number;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

export const LOOK_EVERY_MS = 5_000;
const MOST_TRIES = 3;
/** A stick may be full of them: the others have their turn at the next look. */
const MOST_AT_ONCE = 32;
/** The newest by their time; all of them are remembered, so that there must be an end. */
const MOST_FOUND = 256;
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
    const { clock, lookEveryMs = LOOK_EVERY_MS } = this.#parts;
    this.#stop ??= clock.every(lookEveryMs, () => void this.look());
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
    const news = [...found]
      .filter(([file, mark]) => isWanted(seen[file], mark) && this.#standing.get(file) === mark)
      .slice(0, MOST_AT_ONCE);
    this.#standing.clear();
    for (const [file, mark] of found) this.#standing.set(file, mark);
    if (news.length === 0) return;
    // Before anything is done with it: what brings the device down is not taken up again at each start. A power cut, or an
    // end of the agent in between, is not the bundle's fault, so that it has a few tries.
    const stillThere = Object.entries(seen).filter(([file]) => found.has(file));
    const begun = news.map(([file, mark]) => [file, begunOnceMore(seen[file], mark)]);
    memory.set(SEEN, Object.fromEntries([...stillThere, ...begun]));
    const outcome = await take(news.map(([file]) => file));
    const isLeft = !outcome.ok && isForLater(outcome.code);
    memory.set(SEEN, Object.fromEntries(isLeft ? stillThere : [...stillThere, ...news]));
  }
}

/** Of what was begun and never came to an end, the mark says behind this how often. */
const BEGUN = ' begun ';

function triesOf(seen: string | undefined, mark: string): number {
  return seen?.startsWith(`${mark}${BEGUN}`) === true ? Number(seen.slice(mark.length + BEGUN.length)) : 0;
}

const isWanted = (seen: string | undefined, mark: string): boolean =>
  seen !== mark && triesOf(seen, mark) < MOST_TRIES;

const begunOnceMore = (seen: string | undefined, mark: string): string =>
  `${mark}${BEGUN}${triesOf(seen, mark) + 1}`;

/** A trial is under way, or somebody else writes. */
const isForLater = (code: string): boolean => code === 'WP4203' || code === 'WP4210';

/** With a mark that changes when the file does. What the site has sent waits for its word. */
export async function bundlesIn(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found: { readonly file: string; readonly mark: string; readonly mtimeMs: number }[] = [];
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      const isSent = BUNDLE_BLOB_PATTERN.test(name.replace(SUFFIX, ''));
      if (!SUFFIX.test(name) || name.startsWith('.') || isSent) continue;
      const file = join(folder, name);
      const facts = await stat(file).catch(() => null); // It was taken away again.
      if (facts?.isFile() !== true) continue;
      found.push({ file, mark: `${facts.size} ${Math.floor(facts.mtimeMs)}`, mtimeMs: facts.mtimeMs });
    }
  }
  const newest = found.sort((one, other) => other.mtimeMs - one.mtimeMs).slice(0, MOST_FOUND);
  return new Map(newest.map(({ file, mark }) => [file, mark]));
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
