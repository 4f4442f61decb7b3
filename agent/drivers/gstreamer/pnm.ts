/** One grey picture as PGM (P5) carries it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The most a header with its comments may take. */
const MAX_HEADER_BYTES = 512;
const HEADER = /^P5\s(?:#[^\n]*\n|\s)*(\d+)\s(?:#[^\n]*\n|\s)*(\d+)\s(?:#[^\n]*\n|\s)*255\s/;

/** Cuts a byte stream of PGM pictures, one after another, into pictures. Throws RangeError on anything else. */
export class PnmReader {
  #buffered: Buffer = Buffer.alloc(0);

  /** Takes in bytes; gives the pictures that are whole. */
  *add(bytes: Buffer): Generator<Picture> {
    this.#buffered = this.#buffered.length === 0 ? bytes : Buffer.concat([this.#buffered, bytes]);
    for (;;) {
      const head = HEADER.exec(this.#buffered.subarray(0, MAX_HEADER_BYTES).toString('latin1'));
      if (head === null) {
        if (this.#buffered.length >= MAX_HEADER_BYTES) throw new RangeError('not a PGM picture');
        return;
      }
      const width = Number(head[1]);
      const height = Number(head[2]);
      const end = head[0].length + width * height;
      if (this.#buffered.length < end) return;
      yield { width, height, data: Uint8Array.from(this.#buffered.subarray(head[0].length, end)) };
      this.#buffered = this.#buffered.subarray(end);
    }
  }
}
