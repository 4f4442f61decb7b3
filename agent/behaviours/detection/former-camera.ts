import type { EventRecorder } from '#agent/ports/events.ts';
import type { Memory } from '#agent/ports/memory.ts';
import { Watches } from '#agent/ports/vision-watches.ts';
import type { Clock } from '#contract/clock.ts';
import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { ReportDesk } from './report-desk.ts';
import { VisionHealth } from './vision-health.ts';

export interface FormerCameraOptions {
  /** Where the device is now. */
  readonly place: () => Place;
  readonly recorder: EventRecorder;
  readonly memory: Pick<Memory, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * On a device that has no camera any more: ends, once, what its camera had told when the device last ran. Nobody else
 * would, and its incidents would stay open.
 */
export function endFormerCamera(options: FormerCameraOptions): void {
  const health = new VisionHealth({ ...options, onChange: () => undefined });
  const desk = new ReportDesk({
    ...options,
    camera: '',
    evidenceDir: '',
    watches: Watches.parse({}),
    sendBlob: () => undefined,
  });
  health.start([]);
  desk.start();
  desk.watching([]);
  health.close();
  desk.close();
}
