import type { DeviceMessenger } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { IncidentNotice } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { downTopic } from '#contract/topics.ts';
import type { IncidentView } from './incident-view.ts';

export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly view: IncidentView;
  readonly messenger: DeviceMessenger;
}

/** A device that returns is told about its incidents of this time. */
export const CATCH_UP_MS = 24 * 3_600_000;

/** Tells a device what became of its alarms: at every change, and everything recent when it subscribes. */
export class Announcer {
  readonly #options: AnnouncerOptions;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** After the COMMIT of the change. A device that is away hears of it when it subscribes. */
  incidentChanged(incidentId: string): void {
    const found = this.#options.view.notice(incidentId);
    if (found !== null && this.#options.messenger.isConnected(found)) this.#send(found, found.notice);
  }

  deviceSubscribed(address: DeviceAddress): void {
    const { view, clock } = this.#options;
    for (const notice of view.noticesFor(address, clock.wallMs() - CATCH_UP_MS)) this.#send(address, notice);
  }

  #send(address: DeviceAddress, notice: IncidentNotice): void {
    const { messenger, log } = this.#options;
    messenger.publish(downTopic(address, 'incident'), notice).catch((error: unknown) => {
      const { incidentId, rev } = notice;
      log.warn(
        { device: clientIdOf(address), incidentId, rev, error: String(error) },
        'incident.not-announced',
      );
    });
  }
}
