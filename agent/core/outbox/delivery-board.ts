import type { DeliveryFeed, DeliveryStage } from '#agent/ports/events.ts';
import type { Log } from '#contract/log.ts';

type Listener = (eventId: string, stage: DeliveryStage) => void;

/** Tells how far alarms have come, each stage once. */
export class DeliveryBoard implements DeliveryFeed {
  readonly #log: Log;
  readonly #listeners = new Set<Listener>();
  readonly #sent = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  onDelivery(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  sent(id: string): void {
    if (this.#sent.has(id)) return;
    this.#sent.add(id);
    this.#tell(id, 'sent');
  }

  received(id: string): void {
    this.#sent.delete(id);
    this.#tell(id, 'received');
  }

  #tell(id: string, stage: DeliveryStage): void {
    for (const listener of this.#listeners) {
      try {
        listener(id, stage);
      } catch (error) {
        this.#log.error({ code: 'WP2208', id, stage, err: error }, 'outbox.listener-failed');
      }
    }
  }
}
