/** Where a byte stream of MQTT stands (MQTT 3.1.1 §2.2). */
interface Position {
  /** Bytes of the current packet's body that are still to come. */
  skip: number;
  /** Inside the fixed header: which byte of the remaining length comes next; 0 is the packet type. */
  headerByte: number;
  length: number;
}

export type FrameVerdict = 'fine' | 'too-large' | 'malformed';

export interface FrameLimits {
  /** Largest remaining length of the first packet, which is CONNECT, and of those after it. Bytes. */
  readonly connectBytes: number;
  readonly packetBytes: number;
}

export interface Scanned {
  /** Bytes up to a packet that may not begin yet, or all. */
  readonly taken: number;
  /** Packets that ended within them. */
  readonly complete: number;
  readonly verdict: FrameVerdict;
}

/** Whether the next packet, of this type (MQTT 3.1.1 §2.2.1), may begin; asked once for each that may. */
export type MayBegin = (type: number) => boolean;

const always: MayBegin = () => true;

/** Follows the packet lengths of one connection without keeping anything of the packets. */
export class FrameScanner {
  readonly #limits: FrameLimits;
  readonly #position: Position = { skip: 0, headerByte: 0, length: 0 };
  #isFirst = true;
  #verdict: FrameVerdict = 'fine';

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Looks at the next bytes, as far as packets may begin. Once the verdict is not fine it stays so. */
  scan(chunk: Uint8Array, mayBegin: MayBegin = always): Scanned {
    const position = this.#position;
    let at = 0;
    let complete = 0;
    while (this.#verdict === 'fine' && at < chunk.length) {
      if (position.skip > 0) {
        const step = Math.min(position.skip, chunk.length - at);
        position.skip -= step;
        at += step;
        if (position.skip === 0) complete += 1;
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (position.headerByte === 0 && !mayBegin(byte >> 4)) break;
      at += 1;
      if (this.#header(byte)) complete += 1;
    }
    return { taken: at, complete, verdict: this.#verdict };
  }

  /** Remaining length: 7 bits a byte, at most 4 bytes [MQTT 3.1.1 §2.2.3]. True at the end of a packet without body. */
  #header(byte: number): boolean {
    const position = this.#position;
    if (position.headerByte === 0) {
      position.headerByte = 1;
      position.length = 0;
      return false;
    }
    position.length += (byte & 0x7f) * 128 ** (position.headerByte - 1);
    const { connectBytes, packetBytes } = this.#limits;
    if (position.length > (this.#isFirst ? connectBytes : packetBytes)) this.#verdict = 'too-large';
    else if (byte < 0x80) {
      position.skip = position.length;
      position.headerByte = 0;
      this.#isFirst = false;
      return position.length === 0;
    } else if (position.headerByte === 4) this.#verdict = 'malformed';
    else position.headerByte += 1;
    return false;
  }
}
