import { closeSync, fdatasyncSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Sends what was changed in a folder to the disk, as the kernel would within 30 s by itself, so that what is written
 * again after that counts again. What was not changed is left alone: a sync of it would flush the disk for nothing.
 */
export class WriteBack {
  readonly #folder: string;
  readonly #seenMs = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  run(): void {
    for (const name of readdirSync(this.#folder)) {
      const file = join(this.#folder, name);
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat?.isFile() !== true || stat.mtimeMs === this.#seenMs.get(name)) continue;
      this.#seenMs.set(name, stat.mtimeMs);
      syncData(file);
    }
  }
}

function syncData(file: string): void {
  const fd = openSync(file, 'r');
  try {
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
