import type { IngestListener, LedgerEvent, PoisonedAlarm } from '#broker/persistence/ports.ts';

/** Several listeners in the place of one, in their order; what one throws takes back the message for all. */
export class IngestListeners implements IngestListener {
  readonly #listeners: readonly IngestListener[];

  constructor(listeners: readonly IngestListener[]) {
    this.#listeners = listeners;
  }

  onEvent(event: LedgerEvent): void {
    for (const listener of this.#listeners) listener.onEvent(event);
  }

  onPoisonedAlarm(alarm: PoisonedAlarm): void {
    for (const listener of this.#listeners) listener.onPoisonedAlarm(alarm);
  }

  onRedated(event: LedgerEvent): void {
    for (const listener of this.#listeners) listener.onRedated?.(event);
  }
}
