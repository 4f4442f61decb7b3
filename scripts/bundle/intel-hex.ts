import { readFileSync } from 'node:fs';
import { WatchpostError } from '#contract/errors.ts';

const RECORD = /^:([0-9A-Fa-f]{2}){5,260}$/;
const END_OF_FILE = 1;

/**
 * Looks whether a file is whole as Intel HEX (Intel, Hexadecimal Object File Format Specification, rev. A): records whose
 * bytes add up to 0, of the length they say, and one that ends the file. Throws WP4114 with the line.
 */
export function readIntelHex(file: string): void {
  const lines = linesOf(file);
  for (const [at, line] of lines.entries()) {
    const bytes = Buffer.from(line.slice(1), 'hex');
    const whole = RECORD.test(line) && bytes.length === (bytes[0] ?? 0) + 5;
    if (!whole || bytes.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) {
      throw new WatchpostError('WP4114', { detail: `${file} line ${at + 1} is no record of Intel HEX` });
    }
    if (bytes[3] === END_OF_FILE && at === lines.length - 1) return;
  }
  throw new WatchpostError('WP4114', { detail: `${file} has no record that ends it` });
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'latin1')
      .split(/\r?\n/)
      .filter((line) => line !== '');
  } catch (cause) {
    throw new WatchpostError('WP4114', { detail: `${file} cannot be read`, cause });
  }
}
