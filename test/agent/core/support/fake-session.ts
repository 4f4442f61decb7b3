import type { Outbox } from '#agent/core/outbox/outbox.ts';
import type { Session } from '#agent/ports/traffic.ts';
import type { Receipt } from '#contract/messages.ts';
import type { ModelLedger } from './model-ledger.ts';

interface Publication {
  readonly topic: string;
  readonly body: string;
  readonly done: (error: Error | null) => void;
}

/** A connection whose broker and ledger answer when they are told to. */
export class FakeSession implements Session {
  readonly #outbox: Outbox;
  readonly #ledger: ModelLedger;
  readonly #waiting: Publication[] = [];
  readonly #receipts: Receipt[] = [];
  /** Everything published, in order. */
  readonly published: Publication[] = [];

  constructor(outbox: Outbox, ledger: ModelLedger) {
    this.#outbox = outbox;
    this.#ledger = ledger;
  }

  get inFlight(): number {
    return this.#waiting.length;
  }

  /** The oldest message in flight. */
  peek(): string {
    return this.#waiting[0]?.body ?? '';
  }

  publish(topic: string, payload: string | Buffer, done: (error: Error | null) => void): void {
    const publication = { topic, body: payload.toString(), done };
    this.published.push(publication);
    this.#waiting.push(publication);
  }

  /** The broker confirms the oldest message and the ledger takes it; its receipt waits. False when none is in flight. */
  confirmOne(): boolean {
    const publication = this.#waiting.shift();
    if (publication === undefined) return false;
    this.#receipts.push(this.#ledger.take(publication.body));
    publication.done(null);
    return true;
  }

  /** Confirmed by a broker that never passes it on. */
  swallowOne(): string | null {
    const publication = this.#waiting.shift();
    publication?.done(null);
    return publication?.body ?? null;
  }

  receiptOne(): boolean {
    const receipt = this.#receipts.shift();
    if (receipt !== undefined) this.#outbox.receive(receipt);
    return receipt !== undefined;
  }

  give(receipt: Receipt): void {
    this.#outbox.receive(receipt);
  }

  /** Lets everything that is going on come to its end. */
  settle(): void {
    for (let steps = 0; this.confirmOne() || this.receiptOne(); steps += 1) {
      if (steps > 20_000) throw new RangeError('device and ledger go on for ever');
    }
  }

  /** The connection is gone: what was in flight stays unconfirmed. */
  drop(): void {
    this.#receipts.length = 0;
    const waiting = this.#waiting.splice(0);
    this.#outbox.disconnected();
    for (const { done } of waiting) done(new RangeError('connection lost'));
  }
}
