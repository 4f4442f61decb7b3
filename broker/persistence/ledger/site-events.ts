import type { Clock } from '#contract/clock.ts';
import type { Envelope } from '#contract/envelope.ts';
import { EVENT_LANES, type EventType } from '#contract/event-types.ts';
import { type DeviceAddress, sourceOf } from '#contract/names.ts';
import { uuidv7 } from '#contract/uuid.ts';
import type { GroupCommit, IngestListener, LedgerEvent } from '../ports.ts';
import type { Ledger } from './ledger.ts';

export interface SiteEventParts {
  readonly store: GroupCommit;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly listener: IngestListener;
  /** Whether what the site says of a device now is part of a test. */
  readonly isRehearsed?: (address: DeviceAddress) => boolean;
  /** Told after the commit. */
  readonly onRecorded: (event: LedgerEvent) => void;
}

/** The epoch of what the site itself says of a device: no device has it, and no receipt names it. */
const SITE_EPOCH = 'site';

/** Events that the site makes about a device (`wp.supervision.…`), in the same ledger as the device's own. */
export class SiteEvents {
  readonly #parts: SiteEventParts;

  constructor(parts: SiteEventParts) {
    this.#parts = parts;
  }

  /** Inside a `commit`; the ingest listener is told like of any other event. */
  record(address: DeviceAddress, type: EventType, data: Record<string, unknown>): LedgerEvent {
    const { store, ledger, listener, isRehearsed, onRecorded } = this.#parts;
    const test = isRehearsed?.(address) ?? false;
    const event = ledger.recordOwn(address, this.#envelope(address, type, data), test);
    listener.onEvent(event);
    store.afterCommit(() => onRecorded(event));
    return event;
  }

  #envelope(address: DeviceAddress, type: EventType, data: Record<string, unknown>): Envelope {
    const { clock } = this.#parts;
    return {
      specversion: '1.0',
      id: uuidv7(clock),
      source: sourceOf(address),
      type,
      time: new Date(clock.wallMs()).toISOString(),
      data,
      wpepoch: SITE_EPOCH,
      wpseq: this.#nextNumber(),
      wplane: EVENT_LANES[type],
      wpclock: 'synced',
      wpmono: String(Math.max(0, Math.floor(clock.monoMs()))),
      wpboot: SITE_EPOCH,
    };
  }

  #nextNumber(): number {
    return Number(
      this.#parts.store.sql
        .prepare<[], string>(
          `INSERT INTO meta (key, value) VALUES ('siteEvents', '1')
           ON CONFLICT DO UPDATE SET value = CAST(value + 1 AS TEXT) RETURNING value`,
        )
        .pluck()
        .get() ?? 1,
    );
  }
}
