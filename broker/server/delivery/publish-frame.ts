import type { Outgoing } from '#broker/persistence/sessions/session.ts';

const PUBLISH = 0x30;
const PUBREL = 0x62;
const DUP = 0x08;
const RETAIN = 0x01;

/** Where packets are written one behind the other; larger ones get a buffer of their own. */
const CHUNK_BYTES = 64 * 1024;
const KEPT_CHUNKS = 16;

/** What is written in one go; `done` when the bytes are no longer needed. */
type Write = (bytes: Buffer, done: () => void) => void;

/**
 * Writes PUBLISH (MQTT 3.1.1 §3.3) and PUBREL (§3.6) packets, many in one buffer. The buffers are used again: what a
 * long queue passes through would else be garbage many times the size of the window before it is collected.
 */
export class FrameWriter {
  readonly #idle: Buffer[] = [];

  write(packets: readonly Outgoing[], write: Write): void {
    let chunk: Buffer | null = null;
    let filled = 0;
    const flush = (): void => {
      if (chunk !== null) this.#flush(chunk, filled, write);
      chunk = null;
      filled = 0;
    };
    for (const packet of packets) {
      const size = sizeOf(packet);
      if (filled + size.total > CHUNK_BYTES) flush();
      chunk ??= size.total > CHUNK_BYTES ? Buffer.allocUnsafe(size.total) : this.#take();
      filled = packet.message.isReleased
        ? pubrel(chunk, filled, packet)
        : publish(chunk, filled, packet, size);
    }
    flush();
  }

  #flush(chunk: Buffer, filled: number, write: Write): void {
    write(chunk.subarray(0, filled), () => {
      if (chunk.length === CHUNK_BYTES && this.#idle.length < KEPT_CHUNKS) this.#idle.push(chunk);
    });
  }

  #take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }
}

interface Size {
  readonly topic: number;
  readonly payload: number;
  readonly remaining: number;
  readonly total: number;
}

function sizeOf({ message }: Outgoing): Size {
  if (message.isReleased) return { topic: 0, payload: 0, remaining: 2, total: 4 };
  const topic = Buffer.byteLength(message.topic);
  const payload = Buffer.byteLength(message.payload);
  const remaining = 2 + topic + 2 + payload;
  return { topic, payload, remaining, total: 1 + lengthBytes(remaining) + remaining };
}

/** Bytes that the remaining length takes (§2.2.3). */
function lengthBytes(remaining: number): number {
  if (remaining < 128) return 1;
  if (remaining < 16_384) return 2;
  return remaining < 2_097_152 ? 3 : 4;
}

function publish(frame: Buffer, start: number, { packetId, isDup, message }: Outgoing, size: Size): number {
  const flags = (isDup ? DUP : 0) | (message.qos << 1) | (message.retain ? RETAIN : 0);
  frame[start] = PUBLISH | flags;
  let at = writeLength(frame, start + 1, size.remaining);
  at = frame.writeUInt16BE(size.topic, at);
  at += frame.write(message.topic, at, 'utf8');
  at = frame.writeUInt16BE(packetId, at);
  if (typeof message.payload === 'string') frame.write(message.payload, at, 'utf8');
  else message.payload.copy(frame, at);
  return at + size.payload;
}

function pubrel(frame: Buffer, start: number, { packetId }: Outgoing): number {
  frame[start] = PUBREL;
  frame[start + 1] = 2;
  return frame.writeUInt16BE(packetId, start + 2);
}

function writeLength(frame: Buffer, start: number, length: number): number {
  let at = start;
  let left = length;
  for (; left >= 128; left = Math.floor(left / 128)) {
    frame[at] = (left % 128) | 0x80;
    at += 1;
  }
  frame[at] = left;
  return at + 1;
}
