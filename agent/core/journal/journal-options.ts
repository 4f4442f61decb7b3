import type { DeviceClock } from '#agent/ports/clock.ts';
import type { Failpoint } from '#agent/ports/failpoint.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceAddress } from '#contract/names.ts';

export interface JournalOptions {
  /** The device's data folder: alarm.db, events.db and ballast live in it. */
  readonly dir: string;
  readonly address: DeviceAddress;
  readonly clock: DeviceClock;
  readonly log: Log;
  /** Quota of events.db. */
  readonly maxBytes: number;
  readonly ballastBytes: number;
  readonly keepAlarmsDays: number;
  /** Quota of alarm.db; without one the disk alone is the limit. */
  readonly alarmMaxBytes?: number;
  readonly failpoint?: Failpoint;
}
