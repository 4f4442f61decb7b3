import type { CommandDesk } from '#broker/api/command-desk.ts';
import type { DeviceDirectory } from '#broker/incidents/ports.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import type { DeviceMessenger, LedgerEvent } from '#broker/persistence/ports.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import { BundleDelivery } from '#broker/rollout/bundle-delivery.ts';
import { BundleShelf } from '#broker/rollout/bundle-shelf.ts';
import { FleetView } from '#broker/rollout/fleet-view.ts';
import { Rollouts } from '#broker/rollout/rollouts.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import type { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog } from '#test/support/site-database.ts';
import { ledgerEvent } from './desk.ts';

export interface FleetBase {
  readonly db: SiteDatabase;
  readonly clock: ManualClock;
  readonly audit: AuditLog;
  readonly devices: DeviceDirectory;
  readonly messenger: DeviceMessenger;
  readonly commands: CommandDesk;
  readonly enrolments: Enrolments;
  readonly dataDir: string;
}

/** What the site said of itself, instead of telling it to the ledger. */
export interface SaidEvent {
  readonly device: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Bundles and roll-outs over a real database. */
export function fleetParts({ dataDir, ...base }: FleetBase) {
  const said: SaidEvent[] = [];
  const events = {
    record: (address: DeviceAddress, type: string, data: Record<string, unknown>): LedgerEvent => {
      said.push({ device: clientIdOf(address), type, data });
      return ledgerEvent(base.clock, { type, from: address, data });
    },
  };
  const shelf = new BundleShelf({ ...base, dataDir, keepFreeBytes: 0 });
  const delivery = new BundleDelivery(base);
  const start = () =>
    new Rollouts({
      ...{ ...base, log: silentLog, shelf, events, work: { ...base, log: silentLog, delivery } },
      isEnrolled: (address) => base.enrolments.list().some(({ id }) => id === clientIdOf(address)),
    });
  return { said, shelf, start, rollouts: start(), fleet: new FleetView(base) };
}
