import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const CHUNK_BYTES = 64 * 1024;

/** Bytes set aside on the disk for alarms: given back to the file system when it is full. */
export class Ballast {
  readonly #file: string;
  readonly #bytes: number;

  constructor(file: string, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  isHeld(): boolean {
    return this.#bytes === 0 || this.#size() >= this.#bytes;
  }

  /** True when this freed anything. */
  release(): boolean {
    if (this.#size() === 0) return false;
    rmSync(this.#file, { force: true });
    return true;
  }

  /** Sets the bytes aside when the disk keeps as many free besides. Answers whether they are held. */
  acquire(): boolean {
    if (this.isHeld()) return true;
    if (this.#freeBytes() + this.#size() < this.#bytes * 2) return false;
    try {
      this.#fill();
    } catch {
      // Somebody else took the room meanwhile: not held, and nothing half done stays behind.
      rmSync(this.#file, { force: true });
    }
    return this.isHeld();
  }

  #fill(): void {
    // Random bytes, since a compressing file system would set nothing aside for zeros.
    const chunk = randomBytes(CHUNK_BYTES);
    const fd = openSync(this.#file, 'w', 0o600);
    try {
      for (let left = this.#bytes; left > 0; left -= CHUNK_BYTES) {
        writeSync(fd, chunk, 0, Math.min(left, CHUNK_BYTES));
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  #size(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(dirname(this.#file));
    return bavail * bsize;
  }
}
