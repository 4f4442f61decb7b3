import type { Stats } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

export interface RetentionOptions {
  readonly folder: string;
  /** Days that pictures are kept, and films. */
  readonly days: number;
  readonly clipDays?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const DAY_MS = 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;
/** Before this the clock was not set, and what it dated is not old but of unknown age. */
const FIRST_BELIEVABLE_MS = Date.UTC(2024, 0, 1);
/** However young: a card holds no more. The oldest go first. */
const MAX_FILES = 2000;
/** And no more than this of them together. */
const MAX_BYTES = 512 * 1024 * 1024;
const OURS = /^\.?[A-Za-z0-9-]+\.(png|webm)(\.part)?$/;
const FILM = /\.webm(\.part)?$/;

interface Kept {
  readonly name: string;
  readonly ms: number;
  readonly bytes: number;
}

/** Deletes evidence pictures and films when their days are over, and the oldest when they are too many. */
export class EvidenceRetention {
  readonly #options: RetentionOptions;
  #cancel: Cancel | null = null;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    const sweep = () => {
      this.#sweeping = this.#sweeping.then(() => this.sweep());
    };
    this.#cancel = this.#options.clock.every(SWEEP_EVERY_MS, sweep);
    sweep();
  }

  async close(): Promise<void> {
    this.#cancel?.();
    await this.#sweeping;
  }

  /** One round; trouble is logged, for the next round comes. */
  async sweep(): Promise<void> {
    const { folder, log } = this.#options;
    try {
      const files = await this.#dated(await readdir(folder));
      for (const file of this.#due(files)) await rm(join(folder, file), { force: true });
    } catch (error) {
      if (!isMissing(error)) log.warn({ err: error }, 'evidence-sweep-failed');
    }
  }

  async #dated(names: readonly string[]): Promise<Kept[]> {
    const { folder, clock } = this.#options;
    const nowMs = clock.wallMs();
    const files: Kept[] = [];
    for (const name of names.filter((each) => OURS.test(each))) {
      const path = join(folder, name);
      const facts = await factsOf(path);
      if (facts === null) continue;
      const { mtimeMs, size: bytes } = facts;
      let ms = mtimeMs;
      if (ms < FIRST_BELIEVABLE_MS && nowMs >= FIRST_BELIEVABLE_MS) {
        await utimes(path, nowMs / 1000, nowMs / 1000);
        ms = nowMs;
      }
      files.push({ name, ms, bytes });
    }
    return files.sort((a, b) => b.ms - a.ms);
  }

  #due(newestFirst: readonly Kept[]): string[] {
    const nowMs = this.#options.clock.wallMs();
    let bytes = 0;
    const due = newestFirst.filter((file, index) => {
      bytes += file.bytes;
      return index >= MAX_FILES || bytes > MAX_BYTES || this.#isOver(file, nowMs);
    });
    return due.map(({ name }) => name);
  }

  #isOver({ name, ms }: Kept, nowMs: number): boolean {
    const { days, clipDays = days } = this.#options;
    return nowMs >= FIRST_BELIEVABLE_MS && ms < nowMs - (FILM.test(name) ? clipDays : days) * DAY_MS;
  }
}

/** Null for one that has got its name, or was taken away, since it was listed. */
async function factsOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
