import * as z from 'zod';

const Days = z.int().min(1).max(3650);

/** How long what is kept (`retention`). Days that the site has itself seen pass (docs/care.md). */
export const RetentionPolicy = z.strictObject({
  /** Events of the alarm lane. Those of an incident that is not resolved stay, here and below. */
  alarmsDays: Days.default(365),
  /** Events of the event lane, and what the site says itself. */
  eventsDays: Days.default(90),
  telemetryDays: Days.default(14),
  /** Pictures and sound; those on hold stay. */
  evidenceDays: Days.default(30),
  /** Resolved incidents with their alarms, steps, rungs and notifications, counted from their last step. */
  incidentsDays: Days.default(730),
  /** Notifications that are delivered or given up, with their text. */
  notificationsDays: Days.default(365),
  /** Commands and their replies. */
  commandsDays: Days.default(365),
  quarantineDays: Days.default(90),
});
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

export const DEFAULT_RETENTION: RetentionPolicy = RetentionPolicy.parse({});
