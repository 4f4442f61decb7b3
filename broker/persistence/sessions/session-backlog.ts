import type { QueueLane } from './queue-lane.ts';

/** A message on its way to one session. */
export interface Queued {
  /** Counts up within the session; gives the order and the packet id. */
  readonly number: number;
  /** Only where it is another than the one that follows from the number (brought along by an upgrade). */
  readonly packetId: number | null;
  /** QoS 2 in its second half: PUBREC has come, PUBREL goes out. */
  readonly isReleased: boolean;
  readonly lane: QueueLane;
  readonly qos: number;
  /** True for a retained message that answers a SUBSCRIBE [MQTT-3.3.1-8]. */
  readonly retain: boolean;
  readonly topic: string;
  readonly payload: Buffer | string;
  /** Of topic and payload. */
  readonly bytes: number;
  /** By the clock of the queues. */
  readonly queuedS: number;
}

export type Shed = Pick<Queued, 'number' | 'lane' | 'bytes'>;

export interface ShedQuery {
  /** Numbers up to this one are on their way to the client now. */
  readonly after: number;
  /** QoS 2 up to this number may be known to the client by its packet id: it stays. */
  readonly everSentTo: number;
  /** The highest that is committed. */
  readonly upTo: number;
  readonly lane: QueueLane | null;
  /** Only what was queued before. */
  readonly beforeS: number;
  readonly limit: number;
}

/** Where the messages of a session wait. */
export interface Backlog {
  /** From the number behind `after` up to and with `upTo`, in order. May be left early. */
  page(after: number, upTo: number, limit: number): Iterable<Queued>;
  /** The oldest that fit the query. */
  oldest(query: ShedQuery): Shed[];
}

/** The queue of a clean session: it ends with its connection, so it stays in memory and forgets what it has sent. */
export class MemoryBacklog implements Backlog {
  #waiting: (Queued | null)[] = [];
  #head = 0;

  push(message: Queued): void {
    this.#waiting.push({ ...message, payload: compact(message.payload) });
  }

  *page(after: number, upTo: number, limit: number): Generator<Queued> {
    this.#forget(after);
    let given = 0;
    for (let index = this.#head; index < this.#waiting.length && given < limit; index += 1) {
      const message = this.#waiting[index];
      if (message === null || message === undefined) continue;
      if (message.number > upTo) return;
      given += 1;
      yield message;
    }
  }

  oldest({ after, upTo, lane, beforeS, limit }: ShedQuery): Shed[] {
    const found: Shed[] = [];
    for (let index = this.#head; index < this.#waiting.length && found.length < limit; index += 1) {
      const message = this.#waiting[index];
      if (message === null || message === undefined || message.number <= after) continue;
      if (message.number > upTo || message.queuedS >= beforeS) break;
      if (lane === null || message.lane === lane) found.push(message);
    }
    return found;
  }

  remove(numbers: ReadonlySet<number>): void {
    for (let index = this.#head; index < this.#waiting.length; index += 1) {
      const message = this.#waiting[index];
      if (message && numbers.has(message.number)) this.#waiting[index] = null;
    }
  }

  clear(): void {
    this.#waiting = [];
    this.#head = 0;
  }

  #forget(upTo: number): void {
    for (; this.#head < this.#waiting.length; this.#head += 1) {
      const message = this.#waiting[this.#head];
      if (message && message.number > upTo) break;
      this.#waiting[this.#head] = null;
    }
    if (this.#head < 1024 && this.#head < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#head);
    this.#head = 0;
  }
}

/** A payload may be a few bytes of a chunk of many kilobytes that came with it: that would wait, too. */
function compact(payload: Buffer | string): Buffer | string {
  if (typeof payload === 'string' || payload.buffer.byteLength <= 2 * payload.length) return payload;
  const copy = Buffer.allocUnsafeSlow(payload.length);
  payload.copy(copy);
  return copy;
}
