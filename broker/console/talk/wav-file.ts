import { TALK_LENGTH, TALK_SAMPLE_RATE } from '#contract/talk.ts';

const HEADER_BYTES = 44;
const FULL_SCALE = 0x7fff;

/** A WAV file as devices play it, of samples from −1 to 1; what is longer than a message may be is cut off. */
export function wavFileOf(samples: Float32Array): Blob {
  const spoken = samples.subarray(0, TALK_SAMPLE_RATE * TALK_LENGTH.most);
  const bytes = new DataView(new ArrayBuffer(HEADER_BYTES + spoken.length * 2));
  writeHeader(bytes, spoken.length * 2);
  for (const [n, sample] of spoken.entries()) {
    const level = Math.max(-1, Math.min(1, sample));
    bytes.setInt16(HEADER_BYTES + n * 2, Math.round(level * FULL_SCALE), true);
  }
  return new Blob([bytes.buffer], { type: 'audio/wav' });
}

/** RIFF, WAVE, `fmt ` (PCM, one channel, 16 bits), `data`. */
function writeHeader(bytes: DataView, dataBytes: number): void {
  const text = (at: number, value: string) => {
    for (const [n, letter] of [...value].entries()) bytes.setUint8(at + n, letter.charCodeAt(0));
  };
  text(0, 'RIFF');
  bytes.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  text(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, TALK_SAMPLE_RATE, true);
  bytes.setUint32(28, TALK_SAMPLE_RATE * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, 'data');
  bytes.setUint32(40, dataBytes, true);
}
