import type { QueueLane } from './queue-lane.ts';
import { Account } from './session-account.ts';
import type { Backlog, Queued } from './session-backlog.ts';

/** How much may be on its way to one client without its acknowledgement. */
export interface Window {
  readonly messages: number;
  readonly bytes: number;
}

/** Goes out now: a PUBLISH, or the PUBREL of a message whose PUBREC has come. */
export interface Outgoing {
  readonly packetId: number;
  /** It may have been sent before [MQTT-3.3.1-1]. */
  readonly isDup: boolean;
  readonly message: Queued;
}

interface InFlight {
  readonly number: number;
  readonly lane: QueueLane;
  readonly qos: number;
  readonly bytes: number;
}

const PACKET_IDS = 65_535;

/** Follows from the number, so that nothing has to be written when a message is sent. */
export const packetIdOf = (number: number): number => ((number - 1) % PACKET_IDS) + 1;

export interface SessionParts {
  readonly client: string;
  /** Its row; null for a clean session, which has none. */
  readonly id: number | null;
  readonly backlog: Backlog;
  readonly pool: Account;
  readonly window: Window;
}

/**
 * One session: what waits for it in which order, and what is on its way. Messages go out in the order of their
 * numbers and come back (after a lost connection) in the same [MQTT-4.6.0-1, MQTT-4.6.0-6].
 */
export class Session {
  readonly client: string;
  readonly id: number | null;
  readonly backlog: Backlog;
  readonly account: Account;
  readonly #window: Window;
  /** By packet id, in the order in which they were sent. */
  readonly #inFlight = new Map<number, InFlight>();
  #inFlightBytes = 0;
  #nextNumber = 1;
  #committedTo = 0;
  #cursor = 0;
  #everSentTo = 0;
  #isConnected = false;
  /** Acknowledged before something that was sent earlier: their rows stay until that is settled, too. */
  readonly #settledAhead = new Set<number>();
  /** In each lane, nothing with a lower number is left to be shed. */
  readonly shedTo: Record<QueueLane, number> = { alarm: 0, other: 0, telemetry: 0 };
  isEnded = false;
  /** By the clock of the queues; null while connected. */
  goneS: number | null = null;
  /** Nothing that waits was queued before this. */
  oldestS = Number.POSITIVE_INFINITY;

  constructor({ client, id, backlog, pool, window }: SessionParts) {
    this.client = client;
    this.id = id;
    this.backlog = backlog;
    this.account = new Account(pool);
    this.#window = window;
  }

  get isKept(): boolean {
    return this.id !== null;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get nextNumber(): number {
    return this.#nextNumber;
  }

  /** Numbers above wait in the open transaction, or were never given. */
  get committedTo(): number {
    return this.#committedTo;
  }

  /** Up to here everything was sent on this connection; without one, everything is settled. */
  get cursor(): number {
    return this.#cursor;
  }

  get everSentTo(): number {
    return this.#everSentTo;
  }

  /** Everything below was sent and settled, or is gone for another reason. */
  get lowestOpen(): number {
    const [first] = this.#inFlight.values();
    return first?.number ?? this.#cursor + 1;
  }

  /** Acknowledged, and no longer in the queue's rows once everything below `lowestOpen` is deleted. */
  get acknowledgedInOrder(): number {
    const { lowestOpen } = this;
    for (const number of this.#settledAhead) if (number < lowestOpen) this.#settledAhead.delete(number);
    return this.account.acknowledged - this.#settledAhead.size;
  }

  isSettled(number: number): boolean {
    return number < this.lowestOpen || this.#settledAhead.has(number);
  }

  /** After a restart. */
  restore(nextNumber: number, everSentTo: number): void {
    this.#nextNumber = nextNumber;
    this.#committedTo = nextNumber - 1;
    this.#everSentTo = Math.min(everSentTo, nextNumber - 1);
  }

  /** Within a transaction; a number that is rolled back is not given again. */
  takeNumber(): number {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    return number;
  }

  connect(): void {
    this.#isConnected = true;
    this.goneS = null;
  }

  /** What was on its way waits again. */
  disconnect(): void {
    this.#cursor = this.lowestOpen - 1;
    for (const { lane, bytes } of this.#inFlight.values()) this.account.returned(lane, bytes);
    this.#inFlight.clear();
    this.#inFlightBytes = 0;
    this.#isConnected = false;
    Object.assign(this.shedTo, { alarm: 0, other: 0, telemetry: 0 });
  }

  /** The message is committed. Answers it when it may go out at once, without being read back. */
  committed(message: Queued): Outgoing | null {
    const isNext = this.account.waiting === 0;
    this.#committedTo = message.number;
    this.account.enqueued(message.lane, message.bytes);
    this.oldestS = Math.min(this.oldestS, message.queuedS);
    const packetId = packetIdOf(message.number);
    return isNext && this.#admits(packetId) ? this.#send(message, packetId) : null;
  }

  /** What may go out now. */
  take(): Outgoing[] {
    const taken: Outgoing[] = [];
    for (let isMore = true; isMore; ) {
      const room = this.#window.messages - this.#inFlight.size;
      if (!this.#isConnected || room <= 0 || this.account.waiting === 0) break;
      isMore = this.#takePage(room, taken);
    }
    return taken;
  }

  /** Whether there may be more: rows that are settled already fill a page, too. */
  #takePage(limit: number, taken: Outgoing[]): boolean {
    let seen = 0;
    for (const message of this.backlog.page(this.#cursor, this.#committedTo, limit)) {
      seen += 1;
      if (this.#settledAhead.has(message.number)) {
        this.#cursor = message.number;
        continue;
      }
      const packetId = message.packetId ?? packetIdOf(message.number);
      if (!this.#admits(packetId)) return false;
      taken.push(this.#send(message, packetId));
    }
    return seen === limit;
  }

  /** PUBACK or PUBCOMP: takes it out of the window; undefined when nothing is on its way with that packet id. */
  acknowledge(packetId: number): InFlight | undefined {
    const entry = this.#inFlight.get(packetId);
    if (entry === undefined) return undefined;
    const isInOrder = entry.number === this.lowestOpen;
    this.#inFlight.delete(packetId);
    if (!isInOrder) this.#settledAhead.add(entry.number);
    this.#inFlightBytes -= entry.bytes;
    this.account.acknowledge(entry.lane, entry.bytes);
    return entry;
  }

  /** The message of QoS 2 that is on its way with this packet id. */
  exactlyOnce(packetId: number): number | undefined {
    const entry = this.#inFlight.get(packetId);
    return entry?.qos === 2 ? entry.number : undefined;
  }

  #admits(packetId: number): boolean {
    return (
      this.#isConnected &&
      this.#inFlight.size < this.#window.messages &&
      this.#inFlightBytes < this.#window.bytes &&
      !this.#inFlight.has(packetId)
    );
  }

  #send(message: Queued, packetId: number): Outgoing {
    const { number, lane, qos, bytes } = message;
    const isDup = number <= this.#everSentTo;
    this.#inFlight.set(packetId, { number, lane, qos, bytes });
    this.#inFlightBytes += bytes;
    this.#cursor = number;
    this.#everSentTo = Math.max(this.#everSentTo, number);
    this.account.sent(lane, bytes);
    return { packetId, isDup, message };
  }
}
