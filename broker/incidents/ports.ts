import type { LedgerEvent } from '#broker/persistence/ports.ts';
import type { Place } from '#contract/event-data.ts';
import type { EventType } from '#contract/event-types.ts';
import type { DeviceState } from '#contract/messages.ts';
import type { DeviceAddress } from '#contract/names.ts';

/** A device as the site knows it now. */
export interface KnownDevice extends DeviceAddress {
  readonly online: boolean;
  /** RFC 3339, by the site's clock; null when nothing was ever heard. */
  readonly lastSeenAt: string | null;
  readonly place: Place | null;
  readonly state: DeviceState | null;
}

export interface DeviceDirectory {
  device(address: DeviceAddress): KnownDevice | null;
  devices(): readonly KnownDevice[];
}

/** Writes an event that the site itself makes; inside a `commit`, and told to the ingest listener like any other. */
export interface SiteEvents {
  record(address: DeviceAddress, type: EventType, data: Record<string, unknown>): LedgerEvent;
}

/** Told after the COMMIT that changed an incident. */
export type IncidentListener = (incidentId: string) => void;

/** How many people look on: consoles with an open stream. */
export type ConsoleCount = () => number;
