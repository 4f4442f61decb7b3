import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

/** SQLite needs 32 KiB of it to open the database at all, the rest is for what comes first. */
const RESERVE_BYTES = 1024 * 1024;

/**
 * Room that is kept beside the database for the day on which the disk is full: without 32 KiB for its `-shm` SQLite does
 * not even open, and a site that restarts on a full disk would be gone instead of saying so.
 */
export class Reserve {
  readonly #file: string;

  constructor(databasePath: string) {
    this.#file = `${databasePath}.reserve`;
  }

  /** Makes it where there is room and it is not there whole. Never throws: without room there is none. */
  keep(): void {
    if (statSync(this.#file, { throwIfNoEntry: false })?.size === RESERVE_BYTES) return;
    try {
      const fd = openSync(this.#file, 'w', 0o600);
      try {
        writeSync(fd, Buffer.alloc(RESERVE_BYTES));
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    } catch {
      this.give();
    }
  }

  /** False when there was none. */
  give(): boolean {
    if (statSync(this.#file, { throwIfNoEntry: false }) === undefined) return false;
    rmSync(this.#file, { force: true });
    return true;
  }
}
