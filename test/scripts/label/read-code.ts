/** A picture of one channel, 0 black. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

type Matrix = readonly (readonly boolean[])[];

/** Data codewords of each block at level M, by version (ISO/IEC 18004 table 9); what a label needs. */
const BLOCKS_M: Readonly<Record<number, readonly number[]>> = {
  2: [28],
  3: [44],
  4: [32, 32],
  5: [43, 43],
  6: [27, 27, 27, 27],
};
/** ISO/IEC 18004 table 10: what is dark the other way round at row y, column x. */
const MASKS: readonly ((y: number, x: number) => boolean)[] = [
  (y, x) => (y + x) % 2 === 0,
  (y) => y % 2 === 0,
  (_y, x) => x % 3 === 0,
  (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0,
  (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
];
const FORMAT_MASK = 0x5412;
/** Level M is 00 in the format. */
const LEVEL_M = 0;

/**
 * Reads a QR code that lies upright at the left of a clean picture, written from the standard and not from the program that
 * draws it: versions 2 to 6, level M, bytes; nothing is corrected. Throws RangeError where anything is not as it must be.
 */
export function readCode(picture: GreyPicture): string {
  const matrix = findMatrix(picture);
  const size = matrix.length;
  const blocks = BLOCKS_M[(size - 17) / 4];
  if (blocks === undefined) throw new RangeError(`a code of ${size} modules`);
  const words = codewords(unmasked(matrix));
  return textOf(deinterleaved(words, blocks));
}

/** The finder patterns at the left are 7 modules wide, and reach from the top to the bottom. */
function findMatrix({ width, height, data }: GreyPicture): Matrix {
  const dark = (x: number, y: number) => (data[y * width + x] ?? 255) < 128;
  const columnHasDark = (x: number) => Array.from({ length: height }, (_, y) => dark(x, y)).some(Boolean);
  const left = Array.from({ length: width }, (_, x) => x).find(columnHasDark) ?? 0;
  const top = Array.from({ length: height }, (_, y) => y).find((y) => dark(left, y)) ?? 0;
  let right = left;
  while (dark(right, top)) right += 1;
  const module = (right - left) / 7;
  const bottom = Array.from({ length: height }, (_, y) => y).findLast((y) => dark(left, y)) ?? 0;
  const size = Math.round((bottom + 1 - top) / module);
  const pitch = (bottom + 1 - top) / size;
  const at = (index: number) => Math.floor((index + 0.5) * pitch);
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_unused, x) => dark(left + at(x), top + at(y))),
  );
}

const isDark = (matrix: Matrix, y: number, x: number): boolean => matrix[y]?.[x] === true;

/** Bits beside the upper left finder (figure 25), the most significant first; both copies must agree. */
function maskOf(matrix: Matrix): number {
  const size = matrix.length;
  const rowOf = [0, 1, 2, 3, 4, 5, 7].map((x) => [8, x] as const);
  const columnOf = [8, 7, 5, 4, 3, 2, 1, 0].map((y) => [y, 8] as const);
  const second = [
    ...Array.from({ length: 7 }, (_, at) => [size - 1 - at, 8] as const),
    ...Array.from({ length: 8 }, (_, at) => [8, size - 8 + at] as const),
  ];
  const number = (places: readonly (readonly [number, number])[]) =>
    places.reduce((bits, [y, x]) => bits * 2 + Number(isDark(matrix, y, x)), 0) ^ FORMAT_MASK;
  const format = number([...rowOf, ...columnOf]);
  if (format !== number(second)) throw new RangeError('the two copies of the format differ');
  if (format >> 13 !== LEVEL_M) throw new RangeError('not level M');
  return (format >> 10) & 7;
}

/** Modules of data in the order of the standard (§7.7.3): two columns upwards, two downwards, from the right. */
function unmasked(matrix: Matrix): boolean[] {
  const size = matrix.length;
  const mask = MASKS[maskOf(matrix)];
  if (mask === undefined) throw new RangeError('no mask');
  // Column 6 has the timing pattern alone.
  const columns = Array.from({ length: (size - 1) / 2 }, (_, pair) => size - 1 - 2 * pair).map((x) =>
    x <= 6 ? x - 1 : x,
  );
  return columns.flatMap((right, pair) =>
    Array.from({ length: size }, (_, step) => (pair % 2 === 0 ? size - 1 - step : step)).flatMap((y) =>
      [right, right - 1].flatMap((x) =>
        isFunction(y, x, size) ? [] : [isDark(matrix, y, x) !== mask(y, x)],
      ),
    ),
  );
}

/** Finders with their borders and the format, timing, and the one alignment pattern of versions 2 to 6. */
function isFunction(y: number, x: number, size: number): boolean {
  const centre = size - 7;
  return (
    (y < 9 && x < 9) ||
    (y < 9 && x >= size - 8) ||
    (y >= size - 8 && x < 9) ||
    y === 6 ||
    x === 6 ||
    (Math.abs(y - centre) <= 2 && Math.abs(x - centre) <= 2)
  );
}

const codewords = (bits: readonly boolean[]): number[] =>
  Array.from({ length: Math.floor(bits.length / 8) }, (_, word) =>
    bits.slice(word * 8, word * 8 + 8).reduce((value, bit) => value * 2 + Number(bit), 0),
  );

/** All blocks of a label's versions are as long as each other. */
function deinterleaved(words: readonly number[], blocks: readonly number[]): number[] {
  return blocks.flatMap((length, block) =>
    Array.from({ length }, (_, at) => words[at * blocks.length + block] ?? 0),
  );
}

/** Mode 0100 (bytes), a length of 8 bits, and the bytes, all shifted by half a byte. */
function textOf(words: readonly number[]): string {
  const nibbles = words.flatMap((word) => [word >> 4, word & 15]);
  if (nibbles[0] !== 4) throw new RangeError(`mode ${nibbles[0]}`);
  const byteAt = (at: number) => (nibbles[1 + at * 2] ?? 0) * 16 + (nibbles[2 + at * 2] ?? 0);
  const bytes = Array.from({ length: byteAt(0) }, (_, at) => byteAt(at + 1));
  return Buffer.from(bytes).toString('utf8');
}
