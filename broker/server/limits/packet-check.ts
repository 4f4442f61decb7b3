import type { Duplex } from 'node:stream';
import {
  acknowledgementFault,
  broken,
  connectFault,
  type PacketFault,
  publishFault,
  subscribeFault,
  unsubscribeFault,
} from './packet-rules.ts';

export interface CheckedBytes {
  /** How many of the chunk's bytes may be handed on: all, or those before the packet at fault. */
  readonly good: number;
  /** How many whole packets ended within them. */
  readonly packets: number;
  readonly fault: PacketFault | null;
}

/** What a client may send, and the flags its fixed header must have (§2.2.2); PUBLISH has flags of its own. */
const FLAGS: ReadonlyMap<number, number> = new Map([
  ...([1, 4, 5, 7, 12, 14] as const).map((type) => [type, 0] as const),
  ...([6, 8, 10] as const).map((type) => [type, 2] as const),
]);
const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const PINGREQ = 12;
const DISCONNECT = 14;
/** Four bytes of remaining length after the first byte. */
const HEADER_MAX_BYTES = 5;

/** Where a connection stands: nothing yet, CONNECT has come, DISCONNECT has come. */
type Stage = 'new' | 'connected' | 'ended';

/**
 * Holds what one client sends against the rules of MQTT 3.1.1 that the parser of aedes does not know: flags,
 * lengths, packet ids, UTF-8, wildcards, the order of CONNECT. It sees the bytes first, so that no packet that
 * breaks a rule is ever acted upon. Packets may come in pieces: of one that is not whole, only what has to be
 * looked at is kept (never a payload).
 */
export class PacketCheck {
  /** The part of an unfinished packet that was not judged yet. */
  #kept: Buffer = Buffer.alloc(0);
  #keptBytes = 0;
  /** Bytes of a judged packet that are still to come. */
  #skip = 0;
  #stage: Stage = 'new';
  readonly #maxFilters: number;

  constructor(maxFilters: number) {
    this.#maxFilters = maxFilters;
  }

  scan(chunk: Buffer): CheckedBytes {
    let at = 0;
    let good = 0;
    let packets = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
        if (this.#skip > 0) break;
        packets += 1;
        good = at;
        continue;
      }
      const { taken, fault, rest } = this.#next(chunk.subarray(at));
      if (fault !== null) return { good, packets, fault };
      if (rest === null) break;
      this.#skip = rest;
      at += taken;
      if (rest === 0) {
        packets += 1;
        good = at;
      }
    }
    return { good: chunk.length, packets, fault: null };
  }

  /** Judges the packet that begins (or goes on) here, once enough of it has come; `rest` is null until then. */
  #next(bytes: Buffer): { taken: number; fault: PacketFault | null; rest: number | null } {
    const before = this.#keptBytes;
    const head = before === 0 ? bytes : this.#keep(bytes);
    const judged = judge(head, this.#stage, this.#maxFilters);
    if (judged === null) {
      if (before === 0) this.#keep(bytes);
      return { taken: bytes.length, fault: null, rest: null };
    }
    this.#keptBytes = 0;
    if (this.#kept.length > 1024) this.#kept = Buffer.alloc(0);
    this.#stage = (head[0] ?? 0) >> 4 === DISCONNECT ? 'ended' : 'connected';
    return { taken: judged.looked - before, fault: judged.fault, rest: judged.length - judged.looked };
  }

  /** Grows by doubling: bytes may come one by one. */
  #keep(bytes: Buffer): Buffer {
    const size = this.#keptBytes + bytes.length;
    if (size > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, this.#kept.length * 2, 64));
      this.#kept.copy(larger, 0, 0, this.#keptBytes);
      this.#kept = larger;
    }
    bytes.copy(this.#kept, this.#keptBytes);
    this.#keptBytes = size;
    return this.#kept.subarray(0, size);
  }
}

interface Judged {
  /** Bytes of the packet that were looked at. */
  readonly looked: number;
  /** Bytes of the whole packet. */
  readonly length: number;
  readonly fault: PacketFault | null;
}

/** Null while more of the packet has to come before it can be judged. */
function judge(bytes: Buffer, stage: Stage, maxFilters: number): Judged | null {
  const first = bytes[0] ?? 0;
  const firstFault = typeFault(first >> 4, first & 15, stage);
  if (firstFault !== null) return { looked: 1, length: 1, fault: firstFault };
  const header = headerOf(bytes);
  if (header === null) return bytes.length < HEADER_MAX_BYTES ? null : lengthFault();
  const { start, body } = header;
  const wanted = first >> 4 === PUBLISH ? publishHeadBytes(bytes, header, first) : body;
  if (wanted === null || bytes.length < start + wanted) return null;
  const fault = bodyFault(first, bytes.subarray(start, start + wanted), maxFilters);
  return { looked: start + wanted, length: start + body, fault };
}

function typeFault(type: number, flags: number, stage: Stage): PacketFault | null {
  if (stage === 'new' && type !== CONNECT) return broken('3.1.0-1', `packet type ${type} before CONNECT`);
  if (stage === 'ended') return broken('3.14.4-2', `packet type ${type} after DISCONNECT`);
  if (stage === 'connected' && type === CONNECT) return broken('3.1.0-2', 'a second CONNECT');
  if (type === PUBLISH) return publishFlagsFault(flags);
  const required = FLAGS.get(type);
  if (required === undefined) return broken('4.8.0-1', `packet type ${type} from a client`);
  return flags === required ? null : broken('2.2.2-2', `flags ${flags} of packet type ${type}`);
}

function publishFlagsFault(flags: number): PacketFault | null {
  if ((flags & 6) === 6) return broken('3.3.1-4', 'QoS 3');
  return (flags & 14) === 8 ? broken('3.3.1-2', 'DUP with QoS 0') : null;
}

function bodyFault(first: number, body: Buffer, maxFilters: number): PacketFault | null {
  const type = first >> 4;
  switch (type) {
    case CONNECT:
      return connectFault(body);
    case PUBLISH:
      return publishFault(body, first & 15);
    case SUBSCRIBE:
      return subscribeFault(body, maxFilters);
    case UNSUBSCRIBE:
      return unsubscribeFault(body, maxFilters);
    case PINGREQ:
    case DISCONNECT:
      return body.length === 0 ? null : broken('4.8.0-1', `packet type ${type} with a body`);
    default:
      return acknowledgementFault(body);
  }
}

interface Header {
  /** Where the body starts. */
  readonly start: number;
  /** Remaining length. */
  readonly body: number;
}

/** Null when the remaining length has not ended within the bytes (§2.2.3: at most four). */
function headerOf(bytes: Buffer): Header | null {
  let body = 0;
  for (let at = 1; at < Math.min(bytes.length, HEADER_MAX_BYTES); at++) {
    const byte = bytes[at] ?? 0;
    body += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return { start: at + 1, body };
  }
  return null;
}

const lengthFault = (): Judged => ({
  looked: 1,
  length: 1,
  fault: broken('4.8.0-1', 'a remaining length of more than four bytes'),
});

/** Topic with its length, and the packet id where there is one; null until the topic's length is there. */
function publishHeadBytes(bytes: Buffer, { start, body }: Header, first: number): number | null {
  if (body < 2) return body;
  if (bytes.length < start + 2) return null;
  const topic = bytes.readUInt16BE(start);
  return Math.min(body, 2 + topic + ((first & 6) === 0 ? 0 : 2));
}

/**
 * Puts the check between a stream and whoever reads it with `read()`, as aedes does. Packets before the one at
 * fault are handed on and worked off; the fault is told when the reader asks for more, and ends the stream's data.
 */
export function checkPackets(
  stream: Duplex,
  maxFilters: number,
  onFault: (fault: PacketFault) => void,
): void {
  const check = new PacketCheck(maxFilters);
  const read = stream.read.bind(stream);
  let fault: PacketFault | null = null;
  let told = false;
  const tell = (found: PacketFault): null => {
    if (!told) onFault(found);
    told = true;
    return null;
  };
  stream.read = (size?: number) => {
    if (fault !== null) return tell(fault);
    const chunk = read(size);
    if (!(chunk instanceof Buffer)) return chunk;
    const checked = check.scan(chunk);
    fault = checked.fault;
    if (fault === null) return chunk;
    return checked.packets === 0 ? tell(fault) : chunk.subarray(0, checked.good);
  };
}
