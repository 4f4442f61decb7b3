import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

export interface RetentionOptions {
  readonly folder: string;
  readonly days: number;
  readonly clock: Clock;
  readonly log: Log;
}

const DAY_MS = 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;
/** Before this the clock was not set, and what it dated is not old but of unknown age. */
const FIRST_BELIEVABLE_MS = Date.UTC(2024, 0, 1);
/** However young: a card holds no more. The oldest go first. */
const MAX_FILES = 2000;
const OURS = /^\.?[A-Za-z0-9-]+\.png(\.part)?$/;

/** Deletes evidence pictures when their days are over. */
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

  async #dated(names: readonly string[]): Promise<{ name: string; ms: number }[]> {
    const { folder, clock } = this.#options;
    const nowMs = clock.wallMs();
    const files: { name: string; ms: number }[] = [];
    for (const name of names.filter((each) => OURS.test(each))) {
      const path = join(folder, name);
      let ms = (await stat(path)).mtimeMs;
      if (ms < FIRST_BELIEVABLE_MS && nowMs >= FIRST_BELIEVABLE_MS) {
        await utimes(path, nowMs / 1000, nowMs / 1000);
        ms = nowMs;
      }
      files.push({ name, ms });
    }
    return files.sort((a, b) => b.ms - a.ms);
  }

  #due(newestFirst: readonly { name: string; ms: number }[]): string[] {
    const { days, clock } = this.#options;
    const nowMs = clock.wallMs();
    if (nowMs < FIRST_BELIEVABLE_MS) return newestFirst.slice(MAX_FILES).map(({ name }) => name);
    const oldestMs = nowMs - days * DAY_MS;
    return newestFirst.filter(({ ms }, index) => ms < oldestMs || index >= MAX_FILES).map(({ name }) => name);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
