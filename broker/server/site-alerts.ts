import type { SiteEvents } from '#broker/persistence/ledger/site-events.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock, MonoMs } from '#contract/clock.ts';
import type { EventData } from '#contract/event-data.ts';
import type { EventType } from '#contract/event-types.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';

export interface SiteAlertParts {
  readonly store: GroupCommit;
  readonly events: Pick<SiteEvents, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
  /** In which the same about the same device is not reported again. */
  readonly againMs: number;
}

/** What was reported is remembered for this many; the one reported longest ago is forgotten first. */
const REMEMBERED_MAX = 10_000;

/** Brings what the MQTT side notices about a device to people: an event in the ledger, by which an incident opens. */
export class SiteAlerts {
  readonly #parts: SiteAlertParts;
  readonly #raised = new Map<string, MonoMs>();

  constructor(parts: SiteAlertParts) {
    this.#parts = parts;
  }

  /** `about` tells apart what one device may have at once; a repeat within the period is only counted elsewhere. */
  raise<T extends EventType & `wp.${'session' | 'identity'}.${string}`>(
    address: DeviceAddress,
    type: T,
    about: string,
    data: EventData<T>,
  ): void {
    const { store, events, log } = this.#parts;
    const key = `${clientIdOf(address)} ${type} ${about}`;
    if (!this.#isDue(key)) return;
    store
      .commit(() => events.record(address, type, { ...data }))
      .catch((error) => {
        // Nobody has heard of it: the next time it happens they do.
        this.#raised.delete(key);
        log.error({ type, device: clientIdOf(address), error: String(error) }, 'alert.not-stored');
      });
  }

  #isDue(key: string): boolean {
    const nowMs = this.#parts.clock.monoMs();
    const raisedMs = this.#raised.get(key);
    if (raisedMs !== undefined && nowMs - raisedMs < this.#parts.againMs) return false;
    this.#raised.delete(key);
    this.#raised.set(key, nowMs);
    const [oldest] = this.#raised.keys();
    if (this.#raised.size > REMEMBERED_MAX && oldest !== undefined) this.#raised.delete(oldest);
    return true;
  }
}
