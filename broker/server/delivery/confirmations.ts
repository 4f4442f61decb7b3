import type { Session } from '#broker/persistence/sessions/session.ts';
import { WatchpostError } from '#contract/errors.ts';

interface Waiting {
  readonly session: Session;
  /** The last message that has to be confirmed. */
  readonly number: number;
  readonly settle: (error: WatchpostError | null) => void;
}

/** Tells when a client has acknowledged everything that it was sent so far. */
export class Confirmations {
  readonly #find: (client: string) => Session | undefined;
  readonly #waiting = new Map<string, Set<Waiting>>();

  constructor(find: (client: string) => Session | undefined) {
    this.#find = find;
  }

  /** Rejects with WP3405 when it is not connected, or not any more. */
  settled(client: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const session = this.#find(client);
      const settle = (error: WatchpostError | null) => (error === null ? resolve() : reject(error));
      if (session === undefined) return settle(new WatchpostError('WP3405', { detail: client }));
      const all = this.#waiting.get(client) ?? new Set();
      this.#waiting.set(client, all.add({ session, number: session.committedTo, settle }));
      this.look(client);
    });
  }

  /** After an acknowledgement, and when a connection has ended. */
  look(client: string): void {
    const all = this.#waiting.get(client);
    if (all === undefined) return;
    for (const waiting of all) {
      const { session, number, settle } = waiting;
      const isGone = this.#find(client) !== session || !session.isConnected;
      if (!isGone && !session.isSettled(number)) continue;
      all.delete(waiting);
      settle(isGone ? new WatchpostError('WP3405', { detail: client }) : null);
    }
    if (all.size === 0) this.#waiting.delete(client);
  }

  /** Nobody will confirm anything any more. */
  close(): void {
    for (const [client, all] of this.#waiting)
      for (const { settle } of all) settle(new WatchpostError('WP3405', { detail: client }));
    this.#waiting.clear();
  }
}
