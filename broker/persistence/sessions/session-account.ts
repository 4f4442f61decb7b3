import { QUEUE_LANES, type QueueLane } from './queue-lane.ts';

/** Why a message will not be delivered: it waited too long, a limit was passed, or its session ended. */
export const DROP_REASONS = ['age', 'limit', 'ended'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export interface Load {
  readonly messages: number;
  /** Topic and payload. */
  readonly bytes: number;
}

/** Always `enqueued = acknowledged + queued + inFlight + dropped`. */
export interface Statement {
  readonly enqueued: number;
  readonly acknowledged: number;
  readonly queued: number;
  readonly inFlight: number;
  readonly dropped: number;
}

type ByLane = Record<QueueLane, { messages: number; bytes: number }>;

const emptyLanes = (): ByLane => ({
  alarm: { messages: 0, bytes: 0 },
  other: { messages: 0, bytes: 0 },
  telemetry: { messages: 0, bytes: 0 },
});

/**
 * What became of every message that was ever queued for a session; the account of a pool holds the sums of its
 * sessions. `queued` waits; `inFlight` was sent on the present connection and is not yet acknowledged.
 */
export class Account {
  readonly #pool: Account | null;
  readonly #queued = emptyLanes();
  readonly #inFlight = emptyLanes();
  readonly #dropped: Record<DropReason, number> = { age: 0, limit: 0, ended: 0 };
  readonly #droppedByLane: Record<QueueLane, Record<DropReason, number>> = {
    alarm: { age: 0, limit: 0, ended: 0 },
    other: { age: 0, limit: 0, ended: 0 },
    telemetry: { age: 0, limit: 0, ended: 0 },
  };
  #enqueued = 0;
  #acknowledged = 0;
  #messages = 0;
  #bytes = 0;
  #inFlightMessages = 0;

  constructor(pool: Account | null) {
    this.#pool = pool;
  }

  /** What waits, without what is in flight. */
  get queued(): Load {
    return { messages: this.#messages, bytes: this.#bytes };
  }

  get waiting(): number {
    return this.#messages;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get statement(): Statement {
    return {
      enqueued: this.#enqueued,
      acknowledged: this.#acknowledged,
      queued: this.#messages,
      inFlight: this.#inFlightMessages,
      dropped: DROP_REASONS.reduce((sum, reason) => sum + this.#dropped[reason], 0),
    };
  }

  queuedIn(lane: QueueLane): Load {
    return { ...this.#queued[lane] };
  }

  inFlightIn(lane: QueueLane): Load {
    return { ...this.#inFlight[lane] };
  }

  dropped(reason: DropReason): number {
    return this.#dropped[reason];
  }

  droppedOf(lane: QueueLane, reason: DropReason): number {
    return this.#droppedByLane[lane][reason];
  }

  enqueued(lane: QueueLane, bytes: number): void {
    this.#enqueued += 1;
    this.#wait(lane, 1, bytes);
    this.#pool?.enqueued(lane, bytes);
  }

  sent(lane: QueueLane, bytes: number): void {
    this.#wait(lane, -1, -bytes);
    this.#fly(lane, 1, bytes);
    this.#pool?.sent(lane, bytes);
  }

  /** The connection is gone before the acknowledgement came: it waits again. */
  returned(lane: QueueLane, bytes: number): void {
    this.#fly(lane, -1, -bytes);
    this.#wait(lane, 1, bytes);
    this.#pool?.returned(lane, bytes);
  }

  acknowledge(lane: QueueLane, bytes: number): void {
    this.#fly(lane, -1, -bytes);
    this.#acknowledged += 1;
    this.#pool?.acknowledge(lane, bytes);
  }

  drop(lane: QueueLane, load: Load, reason: DropReason): void {
    this.#wait(lane, -load.messages, -load.bytes);
    this.#dropped[reason] += load.messages;
    this.#droppedByLane[lane][reason] += load.messages;
    this.#pool?.drop(lane, load, reason);
  }

  /** Everything that waits is dropped with the session. */
  dropAll(): void {
    for (const lane of QUEUE_LANES) this.drop(lane, this.queuedIn(lane), 'ended');
  }

  /** What a session carries over a restart; its pool begins with what waits. */
  restore(
    past: { readonly acknowledged: number; readonly age: number; readonly limit: number },
    queued: ReadonlyMap<QueueLane, Load>,
  ): void {
    this.#acknowledged = past.acknowledged;
    this.#dropped.age = past.age;
    this.#dropped.limit = past.limit;
    this.#enqueued = past.acknowledged + past.age + past.limit;
    for (const [lane, load] of queued) this.#carry(lane, load);
  }

  #carry(lane: QueueLane, load: Load): void {
    this.#enqueued += load.messages;
    this.#wait(lane, load.messages, load.bytes);
    if (this.#pool !== null) this.#pool.#carry(lane, load);
  }

  #wait(lane: QueueLane, messages: number, bytes: number): void {
    const load = this.#queued[lane];
    load.messages += messages;
    load.bytes += bytes;
    this.#messages += messages;
    this.#bytes += bytes;
  }

  #fly(lane: QueueLane, messages: number, bytes: number): void {
    const load = this.#inFlight[lane];
    load.messages += messages;
    load.bytes += bytes;
    this.#inFlightMessages += messages;
  }
}
