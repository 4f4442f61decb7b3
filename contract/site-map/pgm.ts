import { WatchpostError } from '../errors.ts';

/** One channel of 8 bits; what is more is scaled to it. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** Row by row from the top, 0 black to 255 white. */
  readonly grey: Uint8Array;
}

const SPACE = new Set([9, 10, 11, 12, 13, 32]);
const HASH = 35;
const NEWLINES = new Set([10, 13]);

/**
 * Reads a portable greymap, plain (P2) or raw (P5), of 8 or 16 bits (netpbm's pgm(5)); of several in a file the first.
 * Throws WP4805.
 */
export function readPgm(bytes: Uint8Array): GreyImage {
  const header = new Words(bytes);
  const magic = header.next();
  if (magic !== 'P2' && magic !== 'P5')
    throw broken(`it begins with ${JSON.stringify(magic)}, not with P2 or P5`);
  const width = header.number('width', 1, MAX_SIDE);
  const height = header.number('height', 1, MAX_SIDE);
  const top = header.number('greatest value', 1, 65_535);
  const values = magic === 'P2' ? plain(header, width * height, top) : raw(header, width * height, top);
  return { width, height, grey: values };
}

/** A floor of 400 m at 5 cm a cell. */
export const MAX_SIDE = 8192;

function plain(words: Words, count: number, top: number): Uint8Array {
  const grey = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    grey[index] = scaled(words.number(`value ${index + 1} of ${count}`, 0, top), top);
  }
  return grey;
}

function raw(words: Words, count: number, top: number): Uint8Array {
  const wide = top > 255;
  const body = words.body();
  const wanted = wide ? count * 2 : count;
  if (body.length < wanted) throw broken(`it is cut off: ${body.length} of ${wanted} bytes`);
  return Uint8Array.from({ length: count }, (_, index) => {
    const value = wide ? (body[index * 2] ?? 0) * 256 + (body[index * 2 + 1] ?? 0) : (body[index] ?? 0);
    if (value > top) throw broken(`value ${index + 1} is ${value}, above the greatest, ${top}`);
    return scaled(value, top);
  });
}

const scaled = (value: number, top: number): number => Math.round((value * 255) / top);

/** The words of a greymap: what stands between spaces, comments being spaces. */
class Words {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): string {
    this.#skip();
    const from = this.#at;
    while (this.#at < this.#bytes.length && !SPACE.has(this.#bytes[this.#at] ?? 0)) this.#at++;
    return String.fromCharCode(...this.#bytes.subarray(from, Math.min(this.#at, from + 16)));
  }

  number(name: string, least: number, most: number): number {
    const word = this.next();
    const value = Number(word);
    if (/^\d+$/.test(word) && value >= least && value <= most) return value;
    throw broken(`its ${name} is ${JSON.stringify(word)}; it must be ${least} to ${most}`);
  }

  /** All that follows the one space after the last word. */
  body(): Uint8Array {
    return this.#bytes.subarray(this.#at + 1);
  }

  #skip(): void {
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte === HASH) this.#skipLine();
      else if (!SPACE.has(byte)) return;
    }
  }

  #skipLine(): void {
    while (this.#at < this.#bytes.length && !NEWLINES.has(this.#bytes[this.#at] ?? 0)) this.#at++;
  }
}

const broken = (detail: string): WatchpostError => new WatchpostError('WP4805', { detail });
