import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * How many bytes the newest commit wrote into a write-ahead log (https://www.sqlite.org/fileformat2.html#walformat).
 * The file itself does not tell: it is written again from its beginning after each checkpoint.
 */
export function lastCommitBytes(file: string): number {
  const fd = openSync(file, 'r');
  try {
    const header = bytesAt(fd, 0, HEADER_BYTES);
    const frameBytes = header.readUInt32BE(8) + FRAME_HEADER_BYTES;
    const salt = header.subarray(16, 24);
    let frames = 0;
    let last = 0;
    const end = fstatSync(fd).size - frameBytes;
    for (let at = HEADER_BYTES; at <= end; at += frameBytes) {
      const frame = bytesAt(fd, at, FRAME_HEADER_BYTES);
      if (!frame.subarray(8, 16).equals(salt)) break;
      frames += 1;
      if (frame.readUInt32BE(4) === 0) continue;
      last = frames;
      frames = 0;
    }
    return last * frameBytes;
  } finally {
    closeSync(fd);
  }
}

function bytesAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(fd, bytes, 0, length, at);
  return bytes;
}
