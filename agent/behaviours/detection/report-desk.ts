import { join } from 'node:path';
import type { BypassGate } from '#agent/ports/bypass.ts';
import type { EventRecorder } from '#agent/ports/events.ts';
import type { Memory } from '#agent/ports/memory.ts';
import type { VisionReport } from '#agent/ports/vision.ts';
import type { VisitReport } from '#agent/ports/vision-pose.ts';
import type { Watches } from '#agent/ports/vision-watches.ts';
import type { Clock } from '#contract/clock.ts';
import type { BlobReference, Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { attachmentsOf, eventDataOf, eventTypeOf, type ObjectReport } from './object-events.ts';
import { ToldObjects } from './told-objects.ts';
import { WatchEvents } from './watch-events.ts';

export interface ReportDeskOptions {
  readonly camera: string;
  readonly evidenceDir: string;
  /** What the profile asks for beside things left behind. */
  readonly watches: Watches;
  /** Where the device is now. */
  readonly place: () => Place;
  /** Which inputs are bypassed: nobody is told of followers at their doors. */
  readonly gate?: BypassGate;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: EventRecorder;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly sendBlob: (reference: BlobReference, file: string) => void;
}

/** What the vision process has seen; each kind has its handler here. */
export type SceneReport = Extract<VisionReport, { kind: 'object' | 'watch' | 'visit' }>;

/** Reports of objects in one minute; more is a runaway, not a hall full of luggage. */
const MAX_PER_MINUTE = 60;
const UNWATCHED = 'its scene was begun anew or did not come back: nobody can say whether it is still there';

/**
 * Turns what the vision process reports of the scene into events. The child is not trusted: rates are bounded. What
 * was told and has not ended is known over a restart.
 */
export class ReportDesk {
  readonly #options: ReportDeskOptions;
  readonly #watches: WatchEvents;
  readonly #told: ToldObjects;
  #window = { sinceMs: 0, count: 0 };

  constructor(options: ReportDeskOptions) {
    this.#options = options;
    this.#watches = new WatchEvents(options);
    this.#told = new ToldObjects(options);
  }

  /** Takes up what was open when the device last ran. */
  start(): void {
    this.#watches.start();
    this.#told.start();
  }

  /** Idempotent. */
  close(): void {
    this.#watches.close();
    this.#told.close();
  }

  /** In the fullest crowd that is going on. */
  get people(): number {
    return this.#watches.people;
  }

  /** Answers whether it was admitted: false once there are more than can be. */
  take(report: SceneReport): boolean {
    if (!this.#admits()) return false;
    switch (report.kind) {
      case 'object':
        this.#tellObject(report);
        break;
      case 'watch':
        this.#watches.tell(report);
        break;
      case 'visit':
        this.#tellVisit(report);
    }
    return true;
  }

  /** The things that the vision process still follows: of every other one nothing more will come, which is told. */
  watching(objectIds: readonly string[]): void {
    const { recorder, place, log } = this.#options;
    for (const told of this.#told.takeUnwatched(objectIds)) {
      const report = { ...told, kind: 'object', change: 'updated', reason: UNWATCHED } as const;
      const data = { ...eventDataOf(report, place(), told.camera), state: 'unwatched' as const };
      const eventId = recorder.recordEvent(eventTypeOf(report), data);
      log.info({ eventId, objectId: told.objectId }, 'object-unwatched');
    }
  }

  /** No event of its own yet: what was found at a visit comes as objects. */
  #tellVisit(report: VisitReport): void {
    const { log } = this.#options;
    if (report.outcome === 'displaced') log.warn({ ...report, code: 'WP2462' }, 'visit-displaced');
    else log.info({ ...report }, 'visit-compared');
  }

  #tellObject(report: ObjectReport): void {
    const { recorder, place, sendBlob, log, camera, evidenceDir } = this.#options;
    if (!this.#told.isNews(report)) {
      log.info({ objectId: report.objectId, change: report.change }, 'object-told-before');
      return;
    }
    const data = eventDataOf(report, place(), camera);
    const eventId = recorder.recordEvent(eventTypeOf(report), data);
    log.info({ eventId, objectId: data.objectId, change: report.change }, 'object-reported');
    for (const { reference, file } of attachmentsOf(report)) sendBlob(reference, join(evidenceDir, file));
  }

  #admits(): boolean {
    const nowMs = this.#options.clock.monoMs();
    if (nowMs - this.#window.sinceMs > 60_000) this.#window = { sinceMs: nowMs, count: 0 };
    return ++this.#window.count <= MAX_PER_MINUTE;
  }
}
