import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';

/** Blocks go round in a file of this size, as the frames of a write-ahead log do between two checkpoints. */
const FILE_BYTES = 4 * 1024 * 1024;

/** A file in which blocks are written and synced with nothing around it: what a durable write costs at least. */
export class SyncFile {
  readonly #fd: number;
  readonly #block: Buffer;
  #at = 0;

  constructor(file: string, blockBytes: number) {
    this.#fd = openSync(file, 'w', 0o600);
    this.#block = Buffer.alloc(blockBytes, 0x5a);
    writeSync(this.#fd, Buffer.alloc(FILE_BYTES));
    fdatasyncSync(this.#fd);
  }

  write(): void {
    if (this.#at + this.#block.length > FILE_BYTES) this.#at = 0;
    writeSync(this.#fd, this.#block, 0, this.#block.length, this.#at);
    fdatasyncSync(this.#fd);
    this.#at += this.#block.length;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
