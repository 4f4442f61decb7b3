import type { CommandDesk } from '#broker/api/command-desk.ts';
import { deviceItem } from '#broker/api/device-routes.ts';
import type { Feed } from '#broker/api/feed.ts';
import type { Announcer } from '#broker/incidents/announcer.ts';
import type { IncidentView } from '#broker/incidents/incident-view.ts';
import type { PathWatch } from '#broker/incidents/path-watch.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { eventItemOf, type Site } from '#broker/server/site.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf } from '#contract/names.ts';

export interface NewsParts {
  readonly site: Site;
  readonly feed: Feed;
  readonly view: IncidentView;
  readonly announcer: Announcer;
  readonly commands: CommandDesk;
  readonly pathWatch: PathWatch;
  readonly log: Log;
  readonly db: GroupCommit;
  readonly audit: AuditLog;
  readonly showOnConsoles: (incidentId: string) => void;
}

/** Brings what MQTT tells to those who wait for it: consoles, commands, devices that have come back. */
export function connectNews({
  site,
  feed,
  view,
  announcer,
  commands,
  pathWatch,
  log,
  db,
  audit,
  showOnConsoles,
}: NewsParts): void {
  const failed = (what: string) => (error: unknown) => log.error({ error: String(error) }, what);
  site.feed.on('event', (event) => {
    // Samples would drown what people look at; they are in the ledger.
    if (event.lane !== 'telemetry') feed.publish('event', eventItemOf(event));
  });
  site.feed.on('device', (address) => {
    const device = site.device(address);
    if (device !== null) feed.publish('device', deviceItem(device, view));
    commands.deviceChanged(address).catch(failed('test-mode.not-ended'));
  });
  site.feed.on('reply', ({ address, reply }) => {
    feed.publish('reply', { device: clientIdOf(address), ...reply });
  });
  site.feed.on('receipt', (receipt) => pathWatch.receipted(receipt));
  site.feed.on('listening', ({ who, filter }) => {
    const entry = { who, action: 'evidence.subscribed', subject: filter };
    audit.record(db, entry).catch(failed('audit.not-written'));
  });
  site.feed.on('subscribed', (address) => announcer.deviceSubscribed(address));
  site.feed.on('evidence', ({ eventId }) => {
    const incidentId = view.incidentOfEvent(eventId);
    if (incidentId !== null) showOnConsoles(incidentId);
  });
}
