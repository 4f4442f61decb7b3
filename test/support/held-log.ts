import type { DurableFile } from '#broker/persistence/store/wal-sync.ts';

/** A disk in the hands of a test: syncs wait until they are let go, or fail. */
export class HeldLog implements DurableFile {
  isSlow = true;
  isClosed = false;
  /** What the next sync answers; null is success. */
  failure: Error | null = null;
  /** Syncs that were begun, in place and in the thread. */
  readonly counts = { inPlace: 0, inThread: 0 };
  #waiting: ((error: unknown) => void)[] = [];

  get underWay(): number {
    return this.#waiting.length;
  }

  now(): void {
    this.counts.inPlace += 1;
    if (this.failure !== null) throw this.failure;
  }

  inThread(done: (error: unknown) => void): void {
    this.counts.inThread += 1;
    this.#waiting.push(done);
  }

  /** The sync that has waited longest ends. */
  letGo(): void {
    this.#waiting.shift()?.(this.failure);
  }

  close(): void {
    this.isClosed = true;
  }
}
