import type { CommandDesk } from '#broker/api/command-desk.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import { BundleDelivery } from '#broker/rollout/bundle-delivery.ts';
import { BundleShelf } from '#broker/rollout/bundle-shelf.ts';
import { FleetView } from '#broker/rollout/fleet-view.ts';
import { Rollouts } from '#broker/rollout/rollouts.ts';
import type { Site } from '#broker/server/site.ts';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf } from '#contract/names.ts';

export interface FleetBase {
  readonly db: Site['store'];
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditLog;
  readonly devices: Site;
}

export interface FleetSetting {
  readonly site: Site;
  readonly dataDir: string;
  readonly commands: CommandDesk;
  readonly enrolments: Enrolments;
}

/** What gives devices their bundles, and knows which they run. */
export function buildFleet(base: FleetBase, { site, dataDir, commands, enrolments }: FleetSetting) {
  const { clock } = base;
  const shelf = new BundleShelf({ ...base, dataDir });
  const delivery = new BundleDelivery({ commands, messenger: site.messenger, clock });
  const rollouts = new Rollouts({
    ...{ ...base, shelf, work: { ...base, delivery } },
    events: { record: (...event) => site.events.record(...event) },
    isEnrolled: (address) => enrolments.list().some(({ id }) => id === clientIdOf(address)),
  });
  return { shelf, rollouts, fleet: new FleetView({ ...base, enrolments }) };
}
