import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '#contract/clock.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { FrameScanner, type FrameVerdict } from './frame-limit.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

export type SlowedBy = 'messages' | 'bytes';

export interface PacedReadsParts {
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
  /** Called once: nothing of this connection is handed on any more. */
  readonly onRefused: (verdict: FrameVerdict, head: Buffer) => void;
  /** The client has sent more than its rate: reading waits. */
  readonly onSlowed: (by: SlowedBy) => void;
}

/** Packets handed on at once: aedes works on all of them at the same time. */
const BATCH_PACKETS = 500;
/** What may lie unread in memory; beyond it the kernel holds the sender back. */
export const READ_AHEAD_BYTES = 64 * 1024;
/** Shorter waits would be more timers than messages. */
const WAIT_MIN_MS = 20;
const WAIT_MAX_MS = 1000;

/**
 * What a packet costs, by its type: an acknowledgement answers a message of ours, so a subscriber is not slowed by
 * what it is sent; still, acknowledgements of nothing are not free.
 */
const ACK_COST = 0.01;
const isAck = (type: number): boolean => type >= 4 && type <= 7;
const costOf = (type: number): number => (isAck(type) ? ACK_COST : 1);

/**
 * Stands between a stream and aedes, which reads with `read()`. Packets beyond the size limit never get through.
 * A client that sends faster than its rate is read more slowly: what is not read fills the TCP window, so the sender
 * waits and nothing is lost. Behind CONNECT nothing is read until it is answered. Packets are handed on in bounded
 * batches, cut between two packets.
 *
 * While something is kept back, the last byte stays in the stream: it would else tell its end, and aedes would close
 * the connection ahead of what its client has said before it left.
 */
export class PacedReads {
  readonly #stream: Duplex;
  readonly #parts: PacedReadsParts;
  readonly #scanner: FrameScanner;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #take: (size?: number) => unknown;
  #rest: Buffer | null = null;
  #stage: 'first' | 'answering' | 'connected' | 'refused' = 'first';
  #hasBegun = false;
  #batch = 0;
  #cancelWait: Cancel | null = null;

  constructor(stream: Duplex, parts: PacedReadsParts) {
    const { clock, limits } = parts;
    const { messagesPerSecond, messageBurst, bytesPerSecond, byteBurst } = limits;
    this.#stream = stream;
    this.#parts = parts;
    this.#scanner = new FrameScanner(limits);
    this.#messages = new TokenBucket(clock, rate(messagesPerSecond, messageBurst));
    this.#bytes = new TokenBucket(clock, rate(bytesPerSecond, byteBurst));
    this.#take = stream.read.bind(stream);
  }

  /** Takes the place of the stream's `read`. */
  start(): void {
    limitReadAhead(this.#stream);
    // Node itself reads 0 bytes to set a stream going, and throws away what it gets.
    this.#stream.read = (size) => (size === 0 ? this.#take(0) : this.#read());
    this.#stream.once('close', () => this.#stop());
  }

  /** CONNACK has gone out: what came behind CONNECT may be read. */
  connected(): void {
    if (this.#stage === 'refused') return;
    this.#stage = 'connected';
    if (this.isBehind) this.#wake();
  }

  /** Something has come that is not handed on yet: the silence of this client is ours. */
  get isBehind(): boolean {
    return this.#rest !== null || this.#stream.readableLength > 0;
  }

  #read(): Buffer | null {
    if (this.#stage === 'refused' || this.#stage === 'answering') return null;
    if (!this.isBehind) return this.#fromStream();
    const by = this.#lacking();
    if (by !== null) return this.#wait(by);
    this.#batch = 0;
    const unread = Math.min(this.#stream.readableLength - 1, READ_AHEAD_BYTES);
    const chunk = this.#rest ?? this.#fromStream(unread);
    const ready = chunk === null ? this.#lastByte(null) : this.#cut(chunk);
    if (ready !== null) this.#bytes.take(ready.length);
    return ready;
  }

  /** Hands on what may be; what may not begin yet is kept. */
  #cut(chunk: Buffer): Buffer | null {
    this.#rest = null;
    const { taken, complete, verdict } = this.#scanner.scan(chunk, this.#mayBegin);
    if (verdict !== 'fine') return this.#refuse(verdict, chunk);
    this.#ended(complete);
    if (taken < chunk.length) this.#rest = chunk.subarray(taken);
    else if (this.#stream.readableLength === 1 && this.#stage !== 'answering') return this.#lastByte(chunk);
    this.#askAgain(complete);
    return taken === 0 ? null : chunk.subarray(0, taken);
  }

  /** The byte that was left in the stream, now that nothing is kept back. A packet that begins with it is charged. */
  #lastByte(before: Buffer | null): Buffer | null {
    const last = this.#fromStream();
    if (last === null) return before;
    const { verdict, complete } = this.#scanner.scan(last, this.#begins);
    const both = before === null ? last : Buffer.concat([before, last]);
    if (verdict !== 'fine') return this.#refuse(verdict, both);
    this.#ended(complete);
    return both;
  }

  #mayBegin = (type: number): boolean => {
    if (this.#stage !== 'connected') return this.#hasBegun ? false : this.#begins(type);
    const isPaid = this.#batch < BATCH_PACKETS && this.#messages.tokens >= costOf(type);
    return isPaid && this.#begins(type);
  };

  #begins = (type: number): boolean => {
    this.#hasBegun = true;
    this.#messages.take(costOf(type));
    this.#batch += 1;
    return true;
  };

  /** The first packet is CONNECT: what follows it waits for the answer. */
  #ended(complete: number): void {
    if (this.#stage === 'first' && complete > 0) this.#stage = 'answering';
  }

  #lacking(): SlowedBy | null {
    if (this.#stage === 'first') return null;
    if (this.#bytes.tokens < 1) return 'bytes';
    return this.#messages.tokens < 1 ? 'messages' : null;
  }

  #wait(by: SlowedBy): null {
    if (this.#cancelWait !== null) return null;
    this.#parts.onSlowed(by);
    const waitMs = by === 'bytes' ? this.#bytes.waitMs(1) : this.#messages.waitMs(1);
    const delayMs = Math.min(Math.max(waitMs, WAIT_MIN_MS), WAIT_MAX_MS);
    this.#cancelWait = this.#parts.clock.after(delayMs, () => {
      this.#cancelWait = null;
      this.#wake();
    });
    return null;
  }

  /** Where no packet ended, aedes has nothing to do after which it would ask for more. */
  #askAgain(complete: number): void {
    if (complete === 0 && this.isBehind && this.#stage !== 'answering') setImmediate(() => this.#wake());
  }

  #wake(): void {
    if (!this.#stream.destroyed) this.#stream.emit('readable');
  }

  #refuse(verdict: FrameVerdict, head: Buffer): null {
    this.#stage = 'refused';
    this.#stop();
    this.#parts.onRefused(verdict, head);
    return null;
  }

  #fromStream(size?: number): Buffer | null {
    const chunk = size === undefined ? this.#take() : size < 1 ? null : this.#take(size);
    return chunk instanceof Buffer ? chunk : null;
  }

  #stop(): void {
    this.#cancelWait?.();
    this.#cancelWait = null;
    this.#rest = null;
  }
}

const rate = (perSecond: number, burst: number): Rate => ({ perSecond, burst });

/**
 * Sockets get one mark for both directions, and the one for writing is large (SOCKET_HIGH_WATER_BYTES). Node has no
 * other way to set that for reading than the stream's state.
 */
function limitReadAhead(stream: Duplex): void {
  const state: unknown = Reflect.get(stream, '_readableState');
  if (typeof state === 'object' && state !== null) {
    Reflect.set(state, 'highWaterMark', Math.min(stream.readableHighWaterMark, READ_AHEAD_BYTES));
  }
}
