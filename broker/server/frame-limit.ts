import type { Duplex } from 'node:stream';

/** Where a byte stream of MQTT stands (MQTT 3.1.1 §2.2). */
interface Position {
  /** Bytes of the current packet's body that are still to come. */
  skip: number;
  /** Inside the fixed header: which byte of the remaining length comes next; 0 is the packet type. */
  headerByte: number;
  length: number;
}

export type FrameVerdict = 'fine' | 'too-large' | 'malformed';

/** Follows the packet lengths of one connection without keeping anything of the packets. */
export class FrameScanner {
  readonly #maxBytes: number;
  readonly #position: Position = { skip: 0, headerByte: 0, length: 0 };
  #verdict: FrameVerdict = 'fine';

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Looks at the next bytes. Once it is not fine it stays so. */
  scan(chunk: Uint8Array): FrameVerdict {
    const position = this.#position;
    let at = 0;
    while (this.#verdict === 'fine' && at < chunk.length) {
      if (position.skip > 0) {
        const step = Math.min(position.skip, chunk.length - at);
        position.skip -= step;
        at += step;
      } else {
        this.#header(chunk[at] ?? 0);
        at += 1;
      }
    }
    return this.#verdict;
  }

  /** Remaining length: 7 bits a byte, at most 4 bytes [MQTT 3.1.1 §2.2.3]. */
  #header(byte: number): void {
    const position = this.#position;
    if (position.headerByte === 0) {
      position.headerByte = 1;
      position.length = 0;
      return;
    }
    position.length += (byte & 0x7f) * 128 ** (position.headerByte - 1);
    if (position.length > this.#maxBytes) this.#verdict = 'too-large';
    else if (byte < 0x80) {
      position.skip = position.length;
      position.headerByte = 0;
    } else if (position.headerByte === 4) this.#verdict = 'malformed';
    else position.headerByte += 1;
  }
}

/**
 * Puts a scanner ahead of whoever reads the stream: what goes beyond the limit is never handed on, so that no
 * parser collects a packet of 256 MiB. aedes reads with `read()`, which is where this sits.
 */
export function limitFrames(
  stream: Duplex,
  maxBytes: number,
  onRefused: (verdict: FrameVerdict, head: Buffer) => void,
): void {
  const scanner = new FrameScanner(maxBytes);
  const read = stream.read.bind(stream);
  let refused = false;
  stream.read = (size?: number) => {
    const chunk = read(size);
    if (refused || !(chunk instanceof Buffer)) return refused ? null : chunk;
    const verdict = scanner.scan(chunk);
    if (verdict === 'fine') return chunk;
    refused = true;
    onRefused(verdict, chunk);
    return null;
  };
}
