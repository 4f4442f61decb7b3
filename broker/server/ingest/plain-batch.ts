import type { PublishPacket } from 'aedes';
import type { Publisher } from './gate.ts';

/** A message that the site only passes on. */
export interface PlainMessage {
  readonly publisher: Publisher;
  readonly packet: PublishPacket;
  /** Called once, with the error when it was not stored. */
  readonly settle: (error: Error | null) => void;
}

/** Stores all of them or, when it rejects, none. */
export type StoreAll = (messages: readonly PlainMessage[]) => Promise<void>;

/**
 * What was read from publishers in one go, stored as one work: a savepoint and a promise for each message cost as much
 * as its row. When they do not fit together each is stored by itself, so that one cannot spoil the others.
 */
export class PlainBatch {
  readonly #storeAll: StoreAll;
  #messages: PlainMessage[] = [];

  constructor(storeAll: StoreAll) {
    this.#storeAll = storeAll;
  }

  add(message: PlainMessage): void {
    this.#messages.push(message);
    if (this.#messages.length === 1) queueMicrotask(() => this.flush());
  }

  /** Now, in front of what comes next. */
  flush(): void {
    const messages = this.#messages;
    if (messages.length === 0) return;
    this.#messages = [];
    this.#storeAll(messages).then(
      () => settleAll(messages, null),
      (error) => this.#apart(messages, error),
    );
  }

  #apart(messages: readonly PlainMessage[], error: unknown): void {
    if (messages.length === 1) {
      settleAll(messages, error);
      return;
    }
    for (const message of messages) {
      this.#storeAll([message]).then(
        () => settleAll([message], null),
        (cause) => settleAll([message], cause),
      );
    }
  }
}

function settleAll(messages: readonly PlainMessage[], error: unknown): void {
  const cause = error === null || error instanceof Error ? error : new TypeError(String(error));
  for (const { settle } of messages) settle(cause);
}
