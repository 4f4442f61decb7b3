import { WatchpostError } from './errors.ts';

/** Bytes of the header that `wavHeader` writes. */
export const WAV_HEADER_BYTES = 44;

const BYTES_PER_SAMPLE = 2;

/** A 16-bit sample below this (−50 dB of the loudest) is silence: noise of a recording, not speech. */
export const SILENCE_LEVEL = 104;

/** Sound in a WAV file: 16-bit PCM, one channel (what espeak-ng writes and every player takes). */
export interface Wav {
  readonly sampleRate: number;
  /** The samples as they stand in the file, little-endian. */
  readonly data: Buffer;
}

/** How long the sound lasts. */
export const wavDurationMs = ({ sampleRate, data }: Wav): number =>
  (data.length / BYTES_PER_SAMPLE / sampleRate) * 1000;

/** Bytes of sound in `ms`, whole samples. */
export const bytesOfMs = (sampleRate: number, ms: number): number =>
  Math.floor((sampleRate * ms) / 1000) * BYTES_PER_SAMPLE;

/** Reads a RIFF WAVE file chunk by chunk (Multimedia Programming Interface 1.0, 1991). Throws WP2509 naming `file`. */
export function parseWav(bytes: Buffer, file: string): Wav {
  const refuse = (detail: string) => new WatchpostError('WP2509', { detail: `${file}: ${detail}` });
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF') throw refuse('no RIFF header');
  if (bytes.toString('latin1', 8, 12) !== 'WAVE') throw refuse('no WAVE form');
  let sampleRate = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const body = bytes.subarray(at + 8, at + 8 + bytes.readUInt32LE(at + 4));
    if (id === 'fmt ') sampleRate = readFormat(body, refuse);
    if (id === 'data' && sampleRate > 0) return { sampleRate, data: wholeSamples(body) };
    at += 8 + bytes.readUInt32LE(at + 4) + (bytes.readUInt32LE(at + 4) % 2);
  }
  throw refuse('no sound in it');
}

/** The header of a file with `dataBytes` of sound after it. */
export function wavHeader(sampleRate: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(BYTES_PER_SAMPLE * 8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

/** A WAV file of 16-bit samples, one channel. */
export function wavOf(samples: Int16Array, sampleRate: number): Buffer {
  const data = Buffer.alloc(samples.length * BYTES_PER_SAMPLE);
  for (const [n, sample] of samples.entries()) data.writeInt16LE(sample, n * BYTES_PER_SAMPLE);
  return Buffer.concat([wavHeader(sampleRate, data.length), data]);
}

function readFormat(body: Buffer, refuse: (detail: string) => WatchpostError): number {
  if (body.length < 16) throw refuse('its format chunk is cut short');
  const [format, channels, bits] = [body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt16LE(14)];
  if (format !== 1 || channels !== 1 || bits !== 16)
    throw refuse(`format ${format}, ${channels} channels, ${bits} bits`);
  const sampleRate = body.readUInt32LE(4);
  if (sampleRate < 4000 || sampleRate > 192_000) throw refuse(`${sampleRate} samples a second`);
  return sampleRate;
}

function wholeSamples(body: Buffer): Buffer {
  return body.subarray(0, body.length - (body.length % BYTES_PER_SAMPLE));
}
