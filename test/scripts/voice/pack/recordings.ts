import { crc32 } from 'node:zlib';
import { wavHeader } from '#contract/wav.ts';

export interface Recorded {
  readonly sampleRate?: number;
  readonly seconds?: number;
  /** Of full scale. */
  readonly level?: number;
}

/** A tone with 0.2 s of silence on both sides, as a WAV file. */
export function recorded({ sampleRate = 48_000, seconds = 1, level = 0.3 }: Recorded = {}): Buffer {
  const around = Math.round(sampleRate * 0.2);
  const length = Math.round(sampleRate * seconds);
  const data = Buffer.alloc((length + 2 * around) * 2);
  for (let index = 0; index < length; index += 1) {
    const sample = level * Math.sin((2 * Math.PI * 440 * index) / sampleRate);
    const held = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767)));
    data.writeInt16LE(held, (around + index) * 2);
  }
  return Buffer.concat([wavHeader(sampleRate, data.length), data]);
}

export interface Zipped {
  readonly path: string;
  readonly bytes: Buffer;
  /** Unix mode; default a regular file. */
  readonly mode?: number;
  /** What the archive says that it unpacks to; default the truth. */
  readonly declared?: number;
}

/** A zip of stored files (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16), also such as no honest tool makes. */
export function zipOf(files: readonly Zipped[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { path, bytes, mode = 0o100644, declared = bytes.length } of files) {
    const name = Buffer.from(path);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(declared, 14);
    common.writeUInt32LE(declared, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, bytes]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(Buffer.concat(central).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...central, end]);
}
