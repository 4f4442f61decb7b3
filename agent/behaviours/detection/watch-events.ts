import type { EventRecorder } from '#agent/ports/events.ts';
import type { WatchReport } from '#agent/ports/vision-watches.ts';
import type { EventData, Place } from '#contract/event-data.ts';
import type { EventType } from '#contract/event-types.ts';
import type { Log } from '#contract/log.ts';

export interface WatchEventsOptions {
  readonly camera: string;
  /** Where the device is now. */
  readonly place: () => Place;
  readonly recorder: EventRecorder;
  readonly log: Log;
}

type Told = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[
  | 'wp.crowd.exceeded.v1'
  | 'wp.crowd.eased.v1'
  | 'wp.loitering.detected.v1'
  | 'wp.loitering.ended.v1'
  | 'wp.tailgating.detected.v1'
  | 'wp.camera.impaired.v1'
  | 'wp.camera.restored.v1'];

/**
 * Tells what the watches of a camera find, each beginning and each end once. A vision process says after its start
 * how things are, not what has changed; the changes are told here, and a process that was started again repeats
 * nothing.
 */
export class WatchEvents {
  readonly #options: WatchEventsOptions;
  readonly #open = new Set<string>();

  constructor(options: WatchEventsOptions) {
    this.#options = options;
  }

  tell(report: WatchReport): void {
    if (!this.#isNews(report)) return;
    const { recorder, place, camera, log } = this.#options;
    const { type, data } = eventOf(report, place(), camera.slice(0, 64));
    const eventId = recorder.recordEvent(type, data);
    log.info({ eventId, watch: report.watch, name: report.name, state: report.state }, 'watch-reported');
  }

  #isNews({ watch, name, state }: WatchReport): boolean {
    if (watch === 'tailgating') return true;
    const key = `${watch}:${name}`;
    if (state === 'ended') return this.#open.delete(key);
    if (this.#open.has(key)) return false;
    this.#open.add(key);
    return true;
  }
}

function eventOf(report: WatchReport, place: Place, camera: string): Told {
  const { t, name } = report;
  const has = report.state === 'began';
  switch (report.watch) {
    case 'crowd': {
      const { people, limit } = report;
      const data = { place, camera, name, t, people: Math.max(0, people), limit: Math.max(0, limit) };
      return { type: has ? 'wp.crowd.exceeded.v1' : 'wp.crowd.eased.v1', data };
    }
    case 'loitering': {
      const data = { place, camera, name, t, since: report.since };
      return { type: has ? 'wp.loitering.detected.v1' : 'wp.loitering.ended.v1', data };
    }
    case 'tailgating': {
      const crossings = Math.max(2, report.crossings);
      return { type: 'wp.tailgating.detected.v1', data: { place, camera, name, t, crossings } };
    }
    case 'impairment': {
      const data = { place, camera, fault: report.name, t, since: report.since };
      return { type: has ? 'wp.camera.impaired.v1' : 'wp.camera.restored.v1', data };
    }
  }
}
