/** A packet from its first byte and its body, with the remaining length that belongs to it (§2.2). */
export function frame(first: number, ...body: readonly (Uint8Array | readonly number[])[]): Buffer {
  const bytes = Buffer.concat(body.map((part) => Buffer.from(part)));
  const length: number[] = [];
  let left = bytes.length;
  do {
    const rest = Math.floor(left / 128);
    length.push((left % 128) + (rest > 0 ? 128 : 0));
    left = rest;
  } while (left > 0);
  return Buffer.concat([Buffer.from([first, ...length]), bytes]);
}

/** A string or any bytes with their length in front (§1.5.3). */
export function field(content: string | readonly number[]): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  return Buffer.concat([number16(bytes.length), bytes]);
}

export const number16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);

export interface ConnectBytes {
  readonly name?: string;
  readonly level?: number;
  readonly flags?: number;
  readonly keepalive?: number;
  /** Client id and what the flags announce. */
  readonly fields?: readonly Uint8Array[];
}

/** A CONNECT that may be wrong in any way. Unless said otherwise: clean session, client id `raw`. */
export function connectBytes(bytes: ConnectBytes = {}): Buffer {
  const { name = 'MQTT', level = 4, flags = 2, keepalive = 0, fields = [field('raw')] } = bytes;
  return frame(0x10, field(name), [level, flags], number16(keepalive), ...fields);
}

/** Strings that are not UTF-8 as §1.5.3 wants it, each with what is wrong. */
export const BAD_STRINGS: readonly (readonly [string, readonly number[]])[] = [
  ['a byte that never occurs', [0x61, 0xff]],
  ['a sequence cut short', [0x61, 0xe4, 0xb8]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['a surrogate, U+D800', [0xed, 0xa0, 0x80]],
  ['the last surrogate, U+DFFF', [0xed, 0xbf, 0xbf]],
  ['more than U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['U+0000', [0x61, 0x00]],
  ['an overlong U+0000', [0xc0, 0x80]],
];
