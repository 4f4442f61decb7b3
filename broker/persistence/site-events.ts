import type { Clock } from '#contract/clock.ts';
import type { Envelope } from '#contract/envelope.ts';
import { MAX_SEQUENCE } from '#contract/envelope.ts';
import { EVENT_LANES, type EventType } from '#contract/event-types.ts';
import { type DeviceAddress, sourceOf } from '#contract/names.ts';
import { uuidv7 } from '#contract/uuid.ts';
import type { GroupCommit, IngestListener, LedgerEvent } from './ports.ts';

export interface SiteEventParts {
  readonly store: GroupCommit;
  readonly clock: Clock;
  /** Takes part as in the ingest of a device's event. */
  readonly ingest: IngestListener;
  /** After COMMIT. */
  readonly onRecorded: (event: LedgerEvent) => void;
}

/**
 * Events that the site itself makes about a device: its silence. They stand in the ledger under the device's source,
 * in an epoch of this run of the site, and have no watermark, so that no device is sent a receipt for them and none
 * can take their numbers beforehand.
 */
export class SiteEventRecorder {
  readonly #parts: SiteEventParts;
  #epoch: string | null = null;

  constructor(parts: SiteEventParts) {
    this.#parts = parts;
  }

  /** Inside a commit. */
  record(address: DeviceAddress, type: EventType, data: Record<string, unknown>): LedgerEvent {
    const { store, ingest, onRecorded } = this.#parts;
    const event = this.#insert(address, this.#envelope(address, type, data));
    ingest.onEvent(event);
    store.afterCommit(() => onRecorded(event));
    return event;
  }

  #envelope(address: DeviceAddress, type: EventType, data: Record<string, unknown>): Envelope {
    const { clock, store } = this.#parts;
    this.#epoch ??= `site-${uuidv7(clock)}`;
    const last = store.sql
      .prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'ledger_event'")
      .pluck()
      .get();
    return {
      specversion: '1.0',
      id: uuidv7(clock),
      source: sourceOf(address),
      type,
      time: new Date(clock.wallMs()).toISOString(),
      data,
      wpepoch: this.#epoch,
      wpseq: Math.min((last ?? 0) + 1, MAX_SEQUENCE),
      wplane: EVENT_LANES[type],
      wpclock: 'synced',
      wpmono: String(Math.floor(clock.monoMs())),
      wpboot: this.#epoch,
    };
  }

  #insert(address: DeviceAddress, envelope: Envelope): LedgerEvent {
    const { id, source, type, time, wpepoch, wpseq, wplane, wpboot, wpmono } = envelope;
    const { lastInsertRowid } = this.#parts.store.sql
      .prepare(
        `INSERT INTO ledger_event
         (source, id, epoch, lane, seq, type, boot, mono_ms, dated, happened_at, received_at, test, envelope)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'device', ?, ?, 0, ?)`,
      )
      .run(
        ...[source, id, wpepoch, wplane, wpseq, type, wpboot, Number(wpmono)],
        ...[time, time, JSON.stringify(envelope)],
      );
    const { site, device } = address;
    const row = Number(lastInsertRowid);
    return { site, device, row, lane: wplane, receivedAt: time, happenedAt: time, test: false, envelope };
  }
}
